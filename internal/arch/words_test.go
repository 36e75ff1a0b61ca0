package arch_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// quoting are files and folders whose words are those of others, or are made from what is checked.
func quoting() []string {
	return []string{
		"docs/cli",
		"docs/findings",
		"docs/findings.md",
		"docs/schema",
		"upgrade/apis/warn",
		"testdata/servers",
		"internal/arch/words.txt",
		"internal/tools",
	}
}

// The stiff words of words.txt are used nowhere.
func TestPlainWords(t *testing.T) {
	list, err := os.ReadFile("words.txt")
	if err != nil {
		t.Fatal(err)
	}
	plain := map[string]string{}
	for line := range strings.Lines(string(list)) {
		if stiff, better, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && !strings.HasPrefix(line, "#") {
			plain[stiff] = better
		}
	}
	if len(plain) < 10 {
		t.Fatalf("only %d words are listed", len(plain))
	}
	root := filepath.Join("..", "..")
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, file)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || slices.Contains(quoting(), rel)):
			return filepath.SkipDir
		case d.IsDir() || slices.Contains(quoting(), rel) || !slices.Contains([]string{".go", ".md", ".yaml", ".txtar",
			".html"}, filepath.Ext(file)):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(strings.ToLower(string(text)), "\n") {
			for stiff, better := range plain {
				if at := strings.Index(line, stiff); at >= 0 && alone(line, at, len(stiff)) {
					t.Errorf("%s:%d: %q: say %s", rel, i+1, stiff, better)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// alone reports whether a phrase is no part of longer words.
func alone(line string, at, n int) bool {
	letter := func(i int) bool {
		return i >= 0 && i < len(line) && (line[i] >= 'a' && line[i] <= 'z' || line[i] == '_')
	}
	return !letter(at-1) && !letter(at+n)
}
