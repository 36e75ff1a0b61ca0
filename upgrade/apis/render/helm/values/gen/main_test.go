package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is committed is what the release in go.mod gives.
func TestTheCopyIsThatOfGoMod(t *testing.T) {
	line, err := pinned("../../../../../..")
	if err != nil {
		t.Fatal(err)
	}
	version := strings.Fields(line)[1]
	for _, s := range sources {
		text, err := os.ReadFile(filepath.Join("..", filepath.Base(s.file)))
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(text), "\n"); !strings.HasSuffix(first, s.file+" of "+module+"@"+version+"; DO NOT EDIT.") {
			t.Errorf("%s is from another release than %s: run make generate", s.file, version)
		}
	}
}

func TestAnEditThatFindsNothingFails(t *testing.T) {
	s := source{"x.go", []string{"package util", "package values", "func Gone(", "func gone("}}
	if text, err := edit("helm@v0", s, "package util\n"); err == nil {
		t.Errorf("made %s", text)
	}
	if text, err := edit("helm@v0", s, "package util\n\nfunc Gone() {}\n"); err != nil || !strings.Contains(string(text), "func gone() {}") {
		t.Errorf("%s, %v", text, err)
	}
}
