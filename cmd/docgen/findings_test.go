package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The pages in the repository are those that the catalogue makes, and no others.
func TestPagesOfFindingsAreThoseOfTheCatalogue(t *testing.T) {
	pages, err := findingPages("findings")
	if err != nil {
		t.Fatal(err)
	}
	docs := os.DirFS("../../docs")
	for name, want := range pages {
		if got, err := fs.ReadFile(docs, name); err != nil || string(got) != want {
			t.Errorf("docs/%s is not what the catalogue says (%v): run make generate", name, err)
		}
	}
	err = fs.WalkDir(docs, "findings", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && pages[name] == "" {
			t.Errorf("docs/%s is about no finding", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPagesOfGoneFindingsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "findings")
	if err := os.MkdirAll(filepath.Join(folder, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(folder, "old", "gone.md")
	if err := os.WriteFile(gone, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeFindings(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("the page of a finding that is gone is still there")
	}
	for _, name := range []string{"findings.md", "findings/api/removed.md"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
