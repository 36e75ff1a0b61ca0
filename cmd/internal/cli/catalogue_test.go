package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/diag/catalogue"
)

// TestExamplesShowTheirFinding runs the example of every finding, which gives that finding, with one of the severities that the
// catalogue says, and no other than it names.
func TestExamplesShowTheirFinding(t *testing.T) {
	sections, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		for _, e := range s.Findings {
			if e.Run != "" {
				t.Run(e.ID, func(t *testing.T) { checkExample(t, e) })
			}
		}
	}
}

// ofAge are findings about the age of embedded tables, which come and go as the tables are refreshed.
var ofAge = []string{"data/stale", "windows/stale", "windows/unconfirmed", "addons/stale"}

func checkExample(t *testing.T, e catalogue.Entry) {
	t.Chdir(t.TempDir())
	for name, text := range e.Files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range e.Before {
		args, file, kept := strings.Cut(command, " > ")
		r := run(nil, strings.Fields(args)...)
		if r.status > 1 {
			t.Fatalf("treadmill %s: status %d, %s%s", command, r.status, r.stdout, r.stderr)
		}
		if kept {
			if err := os.WriteFile(file, []byte(r.stdout), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := run(nil, append(strings.Fields(e.Run), "-o", "json")...)
	var out struct {
		Findings []diag.Finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("treadmill %s: status %d, %s%s", e.Run, r.status, r.stdout, r.stderr)
	}
	var ids []string
	for _, f := range out.Findings {
		if slices.Contains(ofAge, f.ID) && f.ID != e.ID {
			continue
		}
		ids = append(ids, f.ID)
		if f.ID == e.ID && !slices.Contains(strings.Split(e.Severity, ", "), f.Severity.String()) {
			t.Errorf("severity %s, the catalogue says %s", f.Severity, e.Severity)
		}
	}
	slices.Sort(ids)
	want := append([]string{e.ID}, slices.DeleteFunc(slices.Clone(e.With), func(id string) bool { return slices.Contains(ofAge, id) })...)
	slices.Sort(want)
	if got := slices.Compact(ids); !slices.Equal(got, want) {
		t.Errorf("treadmill %s finds %q, want %q\n%s", e.Run, got, want, findings(out.Findings))
	}
}

func findings(list []diag.Finding) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}
