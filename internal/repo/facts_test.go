package repo_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// facts are the rows of the tables of support dates and add-ons, each with the sources that say so.
func facts(t *testing.T) (dates, releases map[string][]string) {
	t.Helper()
	dates, releases = map[string][]string{}, map[string][]string{}
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range calendar.Names() {
		for _, w := range calendar.Windows(p) {
			all := append([]windows.Milestone{{Name: "available", Date: w.Available}, {Name: "standard", Date: w.StandardEnd},
				{Name: "extended", Date: w.ExtendedEnd}}, w.Others...)
			for _, m := range all {
				if !m.Date.IsZero() && m.Date.Status != windows.Projected {
					dates[fmt.Sprint(p, " ", w.Minor, " ", m.Name)] = append([]string{m.Date.Source}, m.Date.Also...)
				}
			}
		}
	}
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range table.Addons() {
		for _, r := range a.Releases {
			releases[a.Name+" "+r.Version] = []string{r.Source}
		}
	}
	return dates, releases
}

// TestNoFactVanishes: every row that was once in a table is still there, or its line in testdata/facts.txt says why it went: "-" before
// the row, and " # " and the reason behind it. UPDATE_GOLDEN=1 adds the rows that are new.
func TestNoFactVanishes(t *testing.T) {
	const file = "testdata/facts.txt"
	rows, releases := facts(t)
	for row, sources := range releases {
		rows[row] = sources
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range lines {
		row, went := strings.CutPrefix(l, "- ")
		row, reason, _ := strings.Cut(row, " # ")
		if rows[row] == nil && (!went || reason == "") {
			t.Errorf("%s: %s went without a reason", file, row)
		}
		delete(rows, row)
	}
	for row := range rows {
		if os.Getenv("UPDATE_GOLDEN") == "" {
			t.Errorf("%s does not list %s: UPDATE_GOLDEN=1 adds it", file, row)
		}
		lines = append(lines, row)
	}
	slices.Sort(lines)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// secondHand are the sources that are somebody else's copy or reading of what a provider or a project says.
var secondHand = regexp.MustCompile(`^(eold|aws-docs|aws-news|aws-api|google|google-24|aks-notes|cloudyali|recipes|deduced|docs-137|nixpkgs|` +
	`scope|fyi|curated|kupre|plural|osv|charts)$`)

// TestSecondHand holds docs/data.md to how many rows no provider or project says itself.
func TestSecondHand(t *testing.T) {
	count := func(rows map[string][]string) (n int) {
		for _, sources := range rows {
			if !slices.ContainsFunc(sources, func(s string) bool { return !secondHand.MatchString(s) }) {
				n++
			}
		}
		return n
	}
	dates, releases := facts(t)
	a, b := count(dates), count(releases)
	want := fmt.Sprintf("%d of %d support dates and %d of %d release lines of add-ons, together %d %%",
		a, len(dates), b, len(releases), (100*(a+b)+(len(dates)+len(releases))/2)/(len(dates)+len(releases)))
	if page := strings.Join(strings.Fields(read(t, "../../docs/data.md")), " "); !strings.Contains(page, want) {
		t.Errorf("docs/data.md does not say %q", want)
	}
}
