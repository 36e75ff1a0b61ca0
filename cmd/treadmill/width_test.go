package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"treadmill/cmd/internal/cli"
)

// documents are the commands that print a text of their own, which no terminal changes.
func documents() []string {
	return []string{
		"treadmill upgrade export",
		"treadmill upgrade fix",
		"treadmill upgrade inventory",
		"treadmill rules generate",
		"treadmill slo convert",
		"treadmill explain",
	}
}

// TestTextFitsEightyColumns: what commands show people on a terminal of 80 columns wraps in no line.
func TestTextFitsEightyColumns(t *testing.T) {
	const width = 80
	t.Chdir("../..")
	for command, lines := range machineRuns() {
		if slices.Contains(documents(), command) {
			continue
		}
		for _, line := range lines {
			args := append(strings.Fields(command), strings.Fields(line)...)
			var out bytes.Buffer
			e := quiet(append(args, "--now", "2026-11-23")...)
			e.Stdout, e.Width = &out, width
			e.Getenv = func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }
			cli.Main(context.Background(), e)
			for text := range strings.Lines(out.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(text, "\n")); n > width {
					t.Errorf("%v: a line has %d columns: %s", args, n, text)
				}
			}
		}
	}
}
