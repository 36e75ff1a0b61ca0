package repo_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// block is a code block of a page: a file to write, or commands and the status of the last.
type block struct {
	file, text string
	status     int
}

// blocksOf reads the blocks of a page that stand for something: ```yaml file=NAME and ```sh, or ```sh status=N.
func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	var out []block
	parts := strings.Split(read(t, page), "```")
	for i := 1; i < len(parts); i += 2 {
		head, text, _ := strings.Cut(parts[i], "\n")
		words := strings.Fields(head)
		b := block{text: text}
		for _, w := range words[1:] {
			if name, ok := strings.CutPrefix(w, "file="); ok {
				b.file = name
			}
			if n, ok := strings.CutPrefix(w, "status="); ok {
				b.status, _ = strconv.Atoi(n)
			}
		}
		if b.file == "" && words[0] != "sh" {
			t.Errorf("%s: a block ```%s is neither a file nor commands", page, head)
			continue
		}
		out = append(out, b)
	}
	return out
}

// The pages about tasks work from an empty folder, in the order in which they are read.
func TestTasksFromAnEmptyFolder(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root(t), "docs", "tasks", "*.md"))
	if err != nil || len(pages) < 6 {
		t.Fatal(pages, err)
	}
	path := "PATH=" + filepath.Dir(treadmill(t)) + ":" + os.Getenv("PATH")
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			dir, ran := t.TempDir(), 0
			for _, b := range blocksOf(t, page) {
				if b.file != "" {
					write(t, dir, map[string]string{b.file: b.text})
					continue
				}
				ran++
				if r := execute(t, dir, []string{path}, "sh", "-e", "-c", b.text); r.status != b.status {
					t.Errorf("status %d, want %d\n%s%s%s", r.status, b.status, b.text, r.stdout, r.stderr)
				}
			}
			if ran == 0 {
				t.Error("the page runs nothing")
			}
		})
	}
}
