package repo_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// facts are the rows of the tables of support dates and add-ons, and whether each is second-hand.
func facts(t *testing.T) (dates, releases map[string]bool) {
	t.Helper()
	dates, releases = map[string]bool{}, map[string]bool{}
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range calendar.Names() {
		for _, f := range calendar.Facts(p) {
			dates[fmt.Sprint(p, " ", f.Minor, " ", f.Milestone)] = f.SecondHand()
		}
	}
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range table.Addons() {
		for _, r := range a.Releases {
			source, ok := a.Source(r.Source)
			releases[a.Name+" "+r.Version] = !ok || source.SecondHand()
		}
	}
	return dates, releases
}

// TestNoFactVanishes: every row that was once in a table is still there, or its line in testdata/facts.txt says why it went: "-" before
// the row, and " # " and the reason behind it. UPDATE_GOLDEN=1 adds the rows that are new.
func TestNoFactVanishes(t *testing.T) {
	const file = "testdata/facts.txt"
	rows, releases := facts(t)
	maps.Copy(rows, releases)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range lines {
		row, went := strings.CutPrefix(l, "- ")
		row, reason, _ := strings.Cut(row, " # ")
		if _, ok := rows[row]; !ok && (!went || reason == "") {
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

// copies are places that copy or read what providers and projects say.
var copies = regexp.MustCompile(`endoflife\.date|upgradescope|Upgrade-Planner|upgrade-planner|kupre|compatibility\.fyi|pluralsh|osv\.dev|` +
	`kubernetes\.recipes|cloudyali|nixpkgs|rancher/rancher`)

// TestSecondHandIsSaid: a source that is somebody else's copy or reading says so in its title, from which the share is counted.
func TestSecondHandIsSaid(t *testing.T) {
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string][]windows.Source{}
	for _, p := range calendar.Providers() {
		sources[p.Name] = p.Sources
	}
	for _, a := range table.Addons() {
		sources[a.Name] = a.Sources
	}
	for of, list := range sources {
		for _, s := range list {
			if !s.SecondHand() && (copies.MatchString(s.Title) || copies.MatchString(s.URL)) {
				t.Errorf("the source %s of %s is a copy; its title %q wants \", through …\"", s.Key, of, s.Title)
			}
		}
	}
}

// TestSecondHand holds docs/data.md to how many rows no provider or project says itself, and that to less than a quarter.
func TestSecondHand(t *testing.T) {
	count := func(rows map[string]bool) (n int) {
		for _, second := range rows {
			if second {
				n++
			}
		}
		return n
	}
	dates, releases := facts(t)
	a, b := count(dates), count(releases)
	if 4*(a+b) >= len(dates)+len(releases) {
		t.Errorf("%d of %d rows are second-hand, a quarter or more", a+b, len(dates)+len(releases))
	}
	want := fmt.Sprintf("%d of %d support dates and %d of %d release lines of add-ons, together %d %%",
		a, len(dates), b, len(releases), (100*(a+b)+(len(dates)+len(releases))/2)/(len(dates)+len(releases)))
	if page := strings.Join(strings.Fields(read(t, "../../docs/data.md")), " "); !strings.Contains(page, want) {
		t.Errorf("docs/data.md does not say %q", want)
	}
}

// TestSampleIsTheDraw: the rows that docs/data.md says were checked are the ones that its rule draws.
func TestSampleIsTheDraw(t *testing.T) {
	var drawn []string
	for line := range strings.Lines(read(t, "testdata/facts.txt")) {
		if row := strings.TrimSuffix(line, "\n"); !strings.HasPrefix(row, "- ") {
			drawn = append(drawn, fmt.Sprintf("%x %s", sha256.Sum256([]byte("2026 "+row)), row))
		}
	}
	slices.Sort(drawn)
	page := read(t, "../../docs/data.md")
	for _, line := range drawn[:50] {
		if _, row, _ := strings.Cut(line, " "); !strings.Contains(page, "\n| "+row+" | ") {
			t.Errorf("docs/data.md: %q is in the draw and not in the table of checked rows: compare it with its source", row)
		}
	}
}
