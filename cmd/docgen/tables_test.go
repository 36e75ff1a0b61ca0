package main

import (
	"slices"
	"testing"

	"treadmill/cmd/internal/build"
)

// What "treadmill version" shows is what the tables say.
func TestVersionShowsTheTablesAsTheyAre(t *testing.T) {
	shown, err := build.Tables()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shown, parsed) {
		t.Errorf("cmd/internal/build/tables.tsv has\n%v\nthe tables have\n%v\nrun make generate", shown, parsed)
	}
}
