package diag_test

import (
	"fmt"
	"slices"
	"testing"

	"treadmill/internal/diag"
)

func TestTogether(t *testing.T) {
	at := func(file, cause string, severity diag.Severity) diag.Finding {
		return diag.Finding{ID: "x/y", Severity: severity, Message: "m", Position: diag.Position{File: file}, Cause: cause}
	}
	got := diag.Together([]diag.Finding{
		at("c", "one", diag.Error), at("a", "one", diag.Error), at("b", "one", diag.Error), at("b", "one", diag.Error),
		at("d", "", diag.Error), at("d", "", diag.Error), at("e", "one", diag.Info), at("f", "two", diag.Error), at("f", "two", diag.Error),
	})
	var lines []string
	for _, f := range got {
		lines = append(lines, f.String())
	}
	want := []string{"a: error: m; the same in 2 more files: b, c [x/y]", "d: error: m [x/y]", "d: error: m [x/y]", "e: info: m [x/y]", "f: error: m [x/y]"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
	var many []diag.Finding
	for i := range 9 {
		many = append(many, at(fmt.Sprint(i), "z", diag.Info))
	}
	if s := diag.Together(many)[0].Message; s != "m; the same in 8 more files: 1, 2, 3, 4, 5, …" {
		t.Error(s)
	}
}
