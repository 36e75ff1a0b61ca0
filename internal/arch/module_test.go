package arch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// go.mod has two blocks: what we import, then what that brings along.
func TestDirectDependenciesStandInTheFirstBlock(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "\nrequire (\n")
	if len(blocks) != 3 || strings.Contains(string(text), "\nrequire g") {
		t.Fatalf("go.mod has %d blocks of requirements, want 2", len(blocks)-1)
	}
	for i, block := range blocks[1:] {
		lines, _, _ := strings.Cut(block, "\n)")
		for line := range strings.Lines(lines) {
			if strings.Contains(line, "// indirect") != (i == 1) {
				t.Errorf("block %d of go.mod has %s", i+1, strings.TrimSpace(line))
			}
		}
	}
}
