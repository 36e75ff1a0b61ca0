package windows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
)

// endOfLife is the key of endoflife.date among the sources of a provider.
const endOfLife = "eold"

// cycle is a release of a product as endoflife.date lists it, in its older (v0) or its newer form (v1).
type cycle struct {
	Cycle    string  `json:"cycle"`
	Release  dateOr  `json:"releaseDate"`
	Support  dateOr  `json:"support"`
	End      dateOr  `json:"eol"`
	Extended dateOr  `json:"extendedSupport"`
	Latest   dateOr  `json:"latestReleaseDate"`
	Name     string  `json:"name"`
	Active   dateOr  `json:"eoasFrom"`
	EndFrom  dateOr  `json:"eolFrom"`
	ExtFrom  dateOr  `json:"eoesFrom"`
	Newest   *latest `json:"latest"`
}

// latest is an object in the newer form, and text in the older one, which is of no use here.
type latest struct {
	Date dateOr `json:"date"`
}

func (l *latest) UnmarshalJSON(text []byte) error {
	type plain latest
	if len(text) > 0 && text[0] == '{' {
		return json.Unmarshal(text, (*plain)(l))
	}
	return nil
}

// dateOr is a day, or what endoflife.date writes where it knows none: true, false or null.
type dateOr Day

func (d *dateOr) UnmarshalJSON(text []byte) error {
	s := strings.Trim(string(text), `"`)
	if len(s) > len(dayLayout) {
		s = s[:len(dayLayout)] // a time, such as that of last_modified
	}
	if day, err := ParseDay(s); err == nil {
		*d = dateOr(day)
	}
	return nil
}

// product is the newer form around the cycles.
type product struct {
	Modified dateOr `json:"last_modified"`
	Result   struct {
		Name     string  `json:"name"`
		Releases []cycle `json:"releases"`
	} `json:"result"`
}

// ImportEndOfLife adds what endoflife.date says of one product, from a file in the form of https://endoflife.date/api/amazon-eks.json
// (v0, which does not name the product) or https://endoflife.date/api/v1/products/amazon-eks (v1, which does). provider is the
// name or an alias of a provider of t; empty, the product's name is taken. What other sources say stays first: the file replaces what t
// has from endoflife.date, dates what t does not know, and shows as a conflict elsewhere.
func (t Table) ImportEndOfLife(file string, data []byte, provider string) (Table, []diag.Finding) {
	fail := func(format string, args ...any) (Table, []diag.Finding) {
		return t, []diag.Finding{
			{ID: "windows/import", Severity: diag.Error, Position: diag.Position{File: file}, Message: fmt.Sprintf(format, args...)},
		}
	}
	cycles, p, err := readCycles(data)
	if err != nil {
		return t, []diag.Finding{
			{ID: diag.Syntax, Severity: diag.Error, Position: diag.Position{File: file}, Message: "not the JSON of endoflife.date: " + err.Error()},
		}
	}
	if provider == "" {
		provider = p.Result.Name
	}
	c := t.calendar(provider)
	if c == nil {
		return fail("the file does not name a provider that is known (%q); say which one it is of, such as eks=%s", provider, file)
	}
	read := Day(p.Modified)
	for _, cy := range cycles {
		read = max(read, Day(cy.Release), Day(cy.Latest))
		if cy.Newest != nil && p.Modified == 0 {
			read = max(read, Day(cy.Newest.Date))
		}
	}
	facts := c.factsOf(cycles, read, t.Windows(Upstream))
	if len(facts) == 0 {
		return fail("none of its %d releases is a Kubernetes version of %s", len(cycles), c.Name)
	}
	source := Source{Key: endOfLife, Title: "endoflife.date, from " + file, URL: "https://endoflife.date", Read: read}
	return t.replaceFacts(c.Name, facts, source), nil
}

func readCycles(data []byte) ([]cycle, product, error) {
	var p product
	if trimmed := bytes.TrimLeft(data, " \t\r\n\ufeff"); len(trimmed) > 0 && trimmed[0] == '[' {
		var cycles []cycle
		err := json.Unmarshal(trimmed, &cycles)
		return cycles, p, err
	}
	err := json.Unmarshal(data, &p)
	return p.Result.Releases, p, err
}

// factsOf turns cycles into rows. A cycle that is not a version of the provider, or was released long before or after Kubernetes released
// that version (the cycles of Talos are versions of Talos), is left out.
func (c *calendar) factsOf(cycles []cycle, read Day, upstream []Window) []fact {
	var out []fact
	for _, cy := range cycles {
		m, ok := c.minorOf(cy)
		i := slices.IndexFunc(upstream, func(w Window) bool { return w.Minor == m })
		if !ok || i < 0 {
			continue
		}
		if off := Day(cy.Release) - upstream[i].Available.Day; cy.Release != 0 && (off < -30 || off > 400) {
			continue
		}
		active := "full"
		if c.Name == Upstream {
			active = "maintenance"
		}
		for _, d := range []struct {
			milestone string
			day       Day
		}{{available, Day(cy.Release)}, {active, Day(max(cy.Support, cy.Active))}, {standard, Day(max(cy.End, cy.EndFrom))},
			{extended, Day(max(cy.Extended, cy.ExtFrom))}} {
			status := Announced
			if d.day <= read {
				status = Actual
			}
			if d.day != 0 {
				out = append(out, fact{minor: m, milestone: d.milestone, day: d.day, status: status, source: endOfLife})
			}
		}
	}
	return out
}

// minorOf is the Kubernetes version that a cycle is of.
func (c *calendar) minorOf(cy cycle) (upgrade.Minor, bool) {
	name := cy.Cycle + cy.Name // one of them is empty
	if len(c.releases) > 0 {
		for m, release := range c.releases {
			if release.name == name {
				return m, true
			}
		}
		return upgrade.Minor{}, false
	}
	m, err := upgrade.ParseMinor(name)
	return m, err == nil
}

// keepOld leaves rows of a source that a newer reading of it does not have with the day on which they were read, under a key of their own.
func (c *calendar) keepOld(newer []fact, source Source) {
	old, known := c.Source(source.Key)
	if !known || old.Read >= source.Read {
		return
	}
	old.Key = fmt.Sprintf("%s-%s", source.Key, old.Read)
	for i, f := range c.facts {
		same := func(o fact) bool { return o.minor == f.minor && o.milestone == f.milestone }
		if f.source == source.Key && !slices.ContainsFunc(newer, same) {
			c.facts[i].source = old.Key
			c.Sources = mergeSources(c.Sources, []Source{old})
		}
	}
}

// replaceFacts is t with rows of one source added to a provider: each takes the place of the row that the same source had, or comes last.
func (t Table) replaceFacts(provider string, facts []fact, source Source) Table {
	all := slices.Clone(t.calendars)
	for i := range all {
		if all[i].Name != provider {
			continue
		}
		c := &all[i]
		c.facts = slices.Clone(c.facts)
		c.keepOld(facts, source)
		c.Sources = mergeSources(c.Sources, []Source{source})
		for _, f := range facts {
			same := func(o fact) bool { return o.minor == f.minor && o.milestone == f.milestone && o.source == f.source }
			if at := slices.IndexFunc(c.facts, same); at >= 0 {
				c.facts[at] = f
			} else {
				c.facts = append(c.facts, f)
			}
		}
	}
	return Table{}.with(all)
}
