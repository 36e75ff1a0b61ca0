package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"treadmill/internal/diag"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// Figure is one number that matters, for the band on top of a page.
type Figure struct {
	Name  string // what is counted: "clusters out of support"
	Value string
	Tone  Tone
}

// Counted is a figure of how many there are, in its tone unless there are none.
func Counted(name string, n int, tone Tone) Figure {
	if n == 0 && (tone == Bad || tone == Warn) {
		tone = Good
	}
	return Figure{Name: name, Value: thousands(float64(n)), Tone: tone}
}

// page is what the template sees.
type page struct {
	View
	First  []picture // above the tables
	Rest   []picture // folded below them
	Found  Table
	Help   []Explained
	Footer []string
	Site   *Site
}

type picture struct {
	Caption string
	Words   []string
	SVG     template.HTML
}

// Style and Script are kept beside the template.
func (p page) Style() template.CSS { return template.CSS(pageStyle) } //nolint:gosec // our own file

// Script adds sorting, filters and search.
func (p page) Script() template.JS { return template.JS(pageScript) } //nolint:gosec // our own file

// All are the tables of a page, that of the findings last.
func (p page) All() []Table { return append(slices.Clone(p.Tables), p.Found) }

// numberedTable is a table and its place in the page.
type numberedTable struct {
	Number int
	Table  Table
}

// Dense says that a table has so many columns that they fit only when they are set closer.
func (t Table) Dense() bool { return len(t.Columns) > 8 }

// Looks is how each column is set: numbers to the right, short texts such as dates on one line, long ones with room.
func (t Table) Looks() []template.CSS {
	out, short := make([]template.CSS, len(t.Columns)), 32
	if t.Dense() {
		short = 17
	}
	for i, c := range t.Columns {
		longest, spaced := 0, false
		for _, r := range t.Rows {
			longest = max(longest, utf8.RuneCountInString(r.Cells[i]))
			spaced = spaced || strings.Contains(r.Cells[i], " ")
		}
		switch {
		case c.Right:
			out[i] = "text-align: right"
			if longest <= short {
				out[i] += "; white-space: nowrap"
			}
		case longest <= short:
			out[i] = "white-space: nowrap"
		case longest > 40 && spaced:
			out[i] = "min-width: min(16rem, 18vw)"
		case !spaced && !t.Dense():
			out[i] = "min-width: min(10rem, 12vw)" // a name is broken as little as can be
			if i == 0 {
				out[i] = template.CSS(fmt.Sprintf("min-width: min(%drem, 24vw)", min(longest/2+1, 20))) //nolint:gosec // a number
			}
		}
	}
	return out
}

// Folded says that the charts below the tables are so many that they are folded together too.
func (p page) Folded() bool { return len(p.Rest) > 3 }

// Key says what the colours at the edge of the rows mean; empty where there are none.
func (t Table) Key() []Figure {
	var out []Figure
	for _, k := range []Figure{{Name: "most urgent", Tone: Bad}, {Name: "attention", Tone: Warn}, {Name: "fine", Tone: Good}} {
		if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Tone == k.Tone }) {
			out = append(out, k)
		}
	}
	return out
}

// worstFirst puts the rows that need somebody first, where the order of the table says nothing else.
func (t Table) worstFirst() Table {
	if t.Worst {
		rank := [...]int{Bad: 0, Warn: 1, Plain: 2, Good: 2, Muted: 3}
		t.Rows = slices.Clone(t.Rows)
		slices.SortStableFunc(t.Rows, func(a, b Row) int { return rank[a.Tone] - rank[b.Tone] })
	}
	return t
}

// Summary is the numbers that matter: those of the view, or else how many rows of its first table need somebody, and the findings.
func (p page) Summary() []Figure {
	if len(p.Figures) > 0 {
		return p.Figures
	}
	var out []Figure
	if i := slices.IndexFunc(p.Tables, func(t Table) bool { return len(t.Rows) > 0 }); i >= 0 {
		t := p.Tables[i]
		out = append(out, Figure{Name: "rows", Value: thousands(float64(len(t.Rows) + t.more))})
		for _, k := range t.Key() {
			n := 0
			for _, r := range t.Rows {
				if r.Tone == k.Tone {
					n++
				}
			}
			out = append(out, Figure{Name: k.Name, Value: thousands(float64(n)), Tone: k.Tone})
		}
		if len(out) == 1 {
			out = nil
		}
	}
	for _, s := range []diag.Severity{diag.Error, diag.Warning} {
		n := 0
		for _, f := range p.Findings {
			if f.Severity == s {
				n++
			}
		}
		if n > 0 {
			out = append(out, Figure{Name: s.String() + "s", Value: thousands(float64(n)), Tone: ToneOf(s)})
		}
	}
	return out
}

// Next is what to do first: the first finding of those that are errors.
func (p page) Next() string {
	i := slices.IndexFunc(p.Findings, func(f diag.Finding) bool { return f.Severity == diag.Error })
	if i < 0 {
		return ""
	}
	f := p.Findings[i]
	if place := f.Position.String(); place != "" {
		return fmt.Sprintf("%s (%s)", f.Message, place)
	}
	return f.Message
}

// Contents names the tables of a page that has several, to jump to.
func (p page) Contents() []string {
	var out []string
	for _, t := range p.All() {
		if len(t.Rows) > 0 && t.Title != "" {
			out = append(out, t.Title)
		}
	}
	if len(out) < 3 {
		return nil
	}
	return out
}

// place puts a picture above the tables where it is the only one, or the first of a calendar; all others are folded below them.
func (p *page) place(c Chart, drawn string, only bool) {
	one := picture{c.Caption(), c.Words(), template.HTML(drawn)} //nolint:gosec // charts escape their texts
	if _, calendar := c.(Timeline); only || calendar && len(p.First) == 0 {
		p.First = append(p.First, one)
		return
	}
	p.Rest = append(p.Rest, one)
}

// Origin is where a page comes from, for its last lines.
type Origin struct {
	Program string   // name and version
	Command string   // as it was given
	Data    []string // the tables that the result may rest on, each with its date
	Site    *Site    // the pages that it is one of; nil for a page by itself
}

func (o Origin) lines() []string {
	var out []string
	if o.Command != "" {
		out = append(out, "Made by: "+o.Command)
	}
	if o.Program != "" {
		out = append(out, strings.Join(append([]string{o.Program}, o.Data...), " · "))
	}
	return out
}
