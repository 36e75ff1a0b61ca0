package windows_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// read is a table of text that must be without fault.
func read(t testing.TB, text string) windows.Table {
	t.Helper()
	table, findings := windows.Read("f.yaml", []byte(text))
	for _, f := range findings {
		t.Fatal(f)
	}
	return table
}

const acme = `
version: 1
provider: acme
title: Acme
aliases: [acme-cloud]
nodeSkew: 2
rollbackDays: 3
extendedSupport: {perClusterHour: 0.125, currency: EUR, source: site, note: n}
channels: [{name: fast}, {name: slow, extended: true}]
sources:
  site: {title: Acme's site, url: "https://acme.example", read: 2026-11-01}
  blog: {title: Acme's blog, read: 2026-11-20}
releases: {1.30: "7"}
dates:
  - {minor: 1.30, milestone: available, date: 2026-01-10, status: actual, source: site, note: first}
  - {minor: 1.30, milestone: available, date: 2026-01-31, status: actual, source: blog, early: 30}
  - {minor: 1.30, milestone: standard, date: 2026-12-01, status: announced, source: site}
  - {minor: 1.30, milestone: standard, date: 2027-01-01, status: announced, source: blog, note: differs}
  - {minor: 1.30, milestone: preview, date: 2025-12-01, status: actual, source: site}
`

func TestReadKeepsWhatSourcesSay(t *testing.T) {
	table := read(t, acme)
	p, ok := table.Provider("ACME-Cloud")
	if !ok || p.NodeSkew != 2 || p.RollbackDays != 3 || p.Extended.PerHour.RatString() != "1/8" || p.Extended.String() != "0.125 EUR" ||
		len(p.Channels) != 2 {
		t.Errorf("provider = %+v", p)
	}
	if p.Read() != day(t, "2026-11-20") {
		t.Errorf("read on %s", p.Read())
	}
	w, ok := table.Window("acme", upgrade.V1(30))
	if !ok || w.Release != "7" || len(w.Others) != 1 || w.Others[0].Name != "preview" {
		t.Errorf("window = %+v", w)
	}
	if a := w.Available; a.Day.String() != "2026-01-10" || a.Note != "first" || len(a.Also) != 1 || len(a.Conflicts) != 0 {
		t.Errorf("a month that holds the day agrees: %+v", a)
	}
	if e := w.StandardEnd; e.Source != "site" || len(e.Conflicts) != 1 ||
		e.Conflicts[0] != (windows.Conflict{Day: day(t, "2027-01-01"), Source: "blog", Note: "differs"}) {
		t.Errorf("standard end = %+v", e)
	}
	if w.End().Day != w.StandardEnd.Day || !w.ExtendedEnd.IsZero() {
		t.Errorf("extended end = %+v", w.ExtendedEnd)
	}
}

func TestReadFindsProblems(t *testing.T) {
	for _, c := range []struct{ name, replace, with, want string }{
		{"version", "version: 1", "version: 2", `f.yaml:2:10: error: version 2 is not known; this treadmill reads version 1 [windows/version]`},
		{"name", "provider: acme", "provider: Acme!", `f.yaml:3:11: error: "Acme!" is not a name of a provider`},
		{"skew", "nodeSkew: 2", "nodeSkew: 20", `f.yaml:6:11: error: nodeSkew: want a number from 0 to 9, found 20 [windows/number]`},
		{"price", "0.125", "1e9", `f.yaml:8:35: error: extendedSupport.perClusterHour: "1e9" is not a price: want one such as 0.50 [input/value]`},
		{"currency", "currency: EUR", "currency: euro", `extendedSupport.currency: "euro" is not a currency: want a code such as USD [input/value]`},
		{"price source", "EUR, source: site", "EUR, source: sites", `there is no source "sites"; did you mean "site"? [windows/unknown-source]`},
		{"status", "status: announced, source: blog", "status: sure, source: blog", `"sure" is not a status: want one of projected, planned, announced, actual [input/value]`},
		{"milestone", "milestone: preview", "milestone: party", `there is no milestone "party"; want one of available, standard, extended, extended2, extended3, full, maintenance, preview, rapid, stable`},
		{"twice", "source: blog, early: 30", "source: site", `available of 1.30 from source "site" is given twice; the first is in line 15 [windows/duplicate]`},
		{"release", `releases: {1.30: "7"}`, `releases: {x: "7"}`, `f.yaml:3:11: error: releases: "x" is not a Kubernetes version`},
		{"day", "date: 2025-12-01", "date: 2025-12-32", `"2025-12-32" is not a day: want one such as 2026-12-02 [input/value]`},
		{"minor", "minor: 1.30, milestone: preview", "minor: one, milestone: preview", `"one" is not a Kubernetes version`},
		{"order", "date: 2026-12-01", "date: 2025-12-01", `standard of 1.30 is 2025-12-01, before its available on 2026-01-10 [windows/order]`},
		{"early", "early: 30", "early: 3000", `early: want a number from 0 to 366, found 3000 [windows/number]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(acme, c.replace) {
				t.Fatalf("%q is not in the text", c.replace)
			}
			_, findings := windows.Read("f.yaml", []byte(strings.Replace(acme, c.replace, c.with, 1)))
			if len(findings) != 1 || !strings.Contains(findings[0].String(), c.want) {
				t.Errorf("got %v, want %s", findings, c.want)
			}
		})
	}
}

func TestReadFindsProblemsOfRules(t *testing.T) {
	_, findings := windows.Read("f.yaml", []byte(`
version: 1
provider: acme
projection:
  standard: {after: dinner, months: 200, day: 31, minors: prime}
`))
	var got []string
	for _, f := range findings {
		got = append(got, f.String())
	}
	want := []string{
		`f.yaml:5:21: error: after: want one of available, standard, upstream, extended, extended2, extended3, found "dinner" [windows/rule]`,
		`f.yaml:5:37: error: months: want a number from 0 to 120, found 200 [windows/number]`,
		`f.yaml:5:47: error: day: want a day of the month from 1 to 28, or last, found "31" [windows/rule]`,
		`f.yaml:5:59: error: minors: want odd or even, found "prime" [windows/rule]`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReadEmptyAndBroken(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "[1, 2]", "provider: [", "\x00", "version: 1\n"} {
		table, findings := windows.Read("f.yaml", []byte(text))
		if !diag.Any(findings, diag.Error) || len(table.Providers()) != 0 {
			t.Errorf("%q: findings %v, providers %v", text, findings, table.Names())
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(acme)
	f.Add(
		"version: 1\nprovider: upstream\nsources: {s: {title: t, read: 2026-01-01}}\ndates:\n- {minor: 1.99, milestone: available, date: 2199-12-31, status: actual, source: s}\n- {minor: 1.2, milestone: available, date: 2000-01-01, status: actual, source: s}\n",
	)
	f.Add(
		"version: 1\nprovider: eks\nprojection: {lag: {}, standard: {after: upstream, months: 120, day: last}}\n---\nversion: 1\nprovider: eks\n",
	)
	base, err := windows.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, findings := windows.Read("f", []byte(text))
		for _, finding := range findings {
			if finding.File != "f" || finding.ID == "" || finding.Message == "" {
				t.Errorf("a finding without file, id or message: %+v", finding)
			}
		}
		merged := base.Merge(table)
		for _, name := range table.Names() {
			p, ok := merged.Provider(name)
			if !ok {
				t.Errorf("%s was lost in the merge", name)
			}
			last := upgrade.Minor{}
			for _, w := range merged.Windows(name) {
				if !last.Less(w.Minor) {
					t.Errorf("%s: %s follows %s", name, w.Minor, last)
				}
				if w.Provider != p.Name || w.Available.Early < 0 || w.StandardEnd.Late < 0 {
					t.Errorf("%s %s: %+v", name, w.Minor, w)
				}
				last = w.Minor
			}
		}
	})
}
