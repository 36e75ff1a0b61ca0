package change_test

import (
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/change"
)

func read(t *testing.T, text string) []rules.File {
	t.Helper()
	files, findings := rules.Read("rules.yaml", []byte(text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return files
}

const before = `groups:
- name: shop
  rules:
  - {alert: Down, expr: up == 0, for: 5m}
  - {alert: Slow, expr: latency > 1, for: 5m}
  - {record: "job:up:sum", expr: sum by (job) (up)}
- name: other
  interval: 1m
  rules:
  - {alert: Full, expr: disk > 1}
`

// TestCompare counts rules by what Prometheus makes of them, wherever they stand.
func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		edit *strings.Replacer
		want change.Change
	}{
		"nothing":                  {strings.NewReplacer(), change.Change{Same: 4}},
		"layout":                   {strings.NewReplacer("sum by (job) (up)", "sum  by(job)( up )"), change.Change{Same: 4}},
		"lines":                    {strings.NewReplacer("groups:", "# a comment\n\ngroups:"), change.Change{Same: 4}},
		"a group is renamed":       {strings.NewReplacer("name: shop", "name: store"), change.Change{Same: 4}},
		"a threshold":              {strings.NewReplacer("latency > 1", "latency > 2"), change.Change{Same: 3, Changed: 1}},
		"for":                      {strings.NewReplacer("latency > 1, for: 5m", "latency > 1, for: 6m"), change.Change{Same: 3, Changed: 1}},
		"another name":             {strings.NewReplacer("Slow", "Slower"), change.Change{Same: 3, Added: 1, Removed: 1}},
		"the interval of a group":  {strings.NewReplacer("interval: 1m", "interval: 2m"), change.Change{Same: 3, Changed: 1}},
		"a label of a group":       {strings.NewReplacer("interval: 1m", "labels: {team: a}"), change.Change{Same: 3, Changed: 1}},
		"an alert is now recorded": {strings.NewReplacer("alert: Full", "record: Full"), change.Change{Same: 3, Added: 1, Removed: 1}},
		"a rule is there once more": {strings.NewReplacer("- {alert: Full, ", "- {alert: Down, expr: up == 0, for: 5m}\n  - {alert: Full, "),
			change.Change{Same: 4, Added: 1}},
	} {
		got := change.Compare(read(t, before), read(t, c.edit.Replace(before)))
		if got.Same != c.want.Same || got.Changed != c.want.Changed || got.Added != c.want.Added || got.Removed != c.want.Removed {
			t.Errorf("%s: %d the same, %d changed, %d added, %d removed; want %+v", name, got.Same, got.Changed, got.Added, got.Removed, c.want)
		}
	}
}

// TestOwn: a finding belongs to the change when its rule does, or when the same rule did not have it before.
func TestOwn(t *testing.T) {
	after := "# moved down\n" + strings.Replace(before, "latency > 1", "latency > 2", 1)
	c := change.Compare(read(t, before), read(t, after))
	at := func(id, message string, line int) diag.Finding {
		return diag.Finding{ID: id, Message: message, Position: diag.Position{File: "rules.yaml", Line: line, Column: 7}}
	}
	old := []diag.Finding{at("a/down", "Down: as on line 3", 4), at("a/slow", "Slow", 5), at("a/group", "other", 7),
		at("a/file", "the file", 0)}
	now := []diag.Finding{
		at("a/down", "Down: as on line 4", 5), at("a/slow", "Slow", 6), at("a/group", "other", 8), at("a/file", "the file", 0), // as before
		at("a/down", "Down: as on line 4", 5), at("b/full", "Full", 11), at("b/file", "the file", 0), // new
	}
	own, others := c.Own(old, now)
	var got []string
	for _, f := range own {
		got = append(got, f.ID)
	}
	if want := []string{"a/slow", "a/down", "b/full", "b/file"}; !slices.Equal(got, want) || others != 3 {
		t.Errorf("own %v and %d others, want %v and 3", got, others, want)
	}
}
