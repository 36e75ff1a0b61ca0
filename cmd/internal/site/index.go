package site

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// home is the name of the page that leads to the others.
const home = "Overview"

// address is where a page is.
func address(name string) string {
	if name == home {
		return "/"
	}
	return "/" + strings.ReplaceAll(strings.ToLower(name), " ", "-")
}

// menu lists all pages, for one of them.
func menu(pages []Page, here string) []report.SitePage {
	out := []report.SitePage{{Name: home, Address: "/", Here: here == home}}
	for _, p := range pages {
		out = append(out, report.SitePage{Name: p.Name, Address: address(p.Name), Here: p.Name == here})
	}
	return out
}

// Listed is a page in the machine shape of the overview.
type Listed struct {
	Page     string    `json:"page"`
	Address  string    `json:"address"`
	Command  string    `json:"command"`
	Up       bool      `json:"up"`
	Made     time.Time `json:"made,omitzero"`
	Tried    time.Time `json:"tried,omitzero"`
	Problem  string    `json:"problem"`
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Next     string    `json:"next"`
	Figures  []Figure  `json:"figures"`
}

// Figure is a number that matters.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Overview is the machine shape of the page that leads to the others.
type Overview struct {
	Version int      `json:"version"`
	Pages   []Listed `json:"pages"`
	Problem string   `json:"problem"`
}

// makeIndex makes the page that leads to the others, with what matters first. The caller holds the lock.
func (s *Site) makeIndex() kept {
	v := report.View{Title: "Treadmill", Data: s.overview()}
	first := report.Table{Title: "What matters first", Columns: []report.Column{{Name: "page"},
		{Name: "how many", Right: true}, {Name: "what"}}}
	all := report.Table{Title: "Pages", Columns: []report.Column{
		{Name: "page"}, {Name: "result"}, {Name: "errors", Right: true}, {Name: "warnings", Right: true},
		{Name: "made", Keep: true}, {Name: "command"},
	}}
	failed := 0
	for _, p := range s.pages {
		k := s.kept[p.Name]
		row := report.Row{Link: address(p.Name), Cells: []string{p.Name, "fine", fmt.Sprint(k.found[diag.Error]),
			fmt.Sprint(k.found[diag.Warning]),
			minute(k.made), p.Command}}
		switch {
		case k.problem != "":
			failed++
			row.Cells[1], row.Tone = "refresh failed at "+minute(k.tried)+": "+firstLine(k.problem), report.Bad
		case k.found[diag.Error] > 0:
			row.Cells[1], row.Tone = k.digest.Next, report.Warn
		}
		all.Rows = append(all.Rows, row)
		for _, r := range urgent(p, k) {
			if !slices.ContainsFunc(first.Rows, func(other report.Row) bool { return slices.Equal(other.Cells[1:], r.Cells[1:]) }) {
				first.Rows = append(first.Rows, r) // the plan and its quarter say the same
			}
		}
	}
	rank := func(r report.Row) int {
		return [...]int{report.Bad: 0, report.Warn: 1, report.Plain: 2, report.Good: 2, report.Muted: 2}[r.Tone]
	}
	slices.SortStableFunc(first.Rows, func(a, b report.Row) int { return rank(a) - rank(b) })
	if len(first.Rows) == 0 {
		v.Lead = []string{"No page has anything urgent."}
	}
	if s.problem != "" {
		v.Lead = append(v.Lead, "The files could not be searched, so the pages are those of before: "+s.problem)
	}
	v.Figures = []report.Figure{report.Counted("pages", len(s.pages), report.Plain),
		report.Counted("pages whose refresh failed", failed, report.Bad),
		report.Counted("urgent", count(first, report.Bad), report.Bad), report.Counted("to look at", count(first, report.Warn), report.Warn)}
	v.Tables = []report.Table{first, all}
	k := kept{tried: s.Now(), made: s.Now()}
	if err := k.fill(Made{View: v}, menu(s.pages, home)); err != nil {
		k.problem = err.Error()
	}
	return k
}

// Overview is the pages as data.
func (s *Site) Overview() Overview {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.overview()
}

// overview is the same for who holds the lock.
func (s *Site) overview() Overview {
	out := Overview{Version: 1, Pages: []Listed{}, Problem: s.problem}
	for _, p := range s.pages {
		k := s.kept[p.Name]
		one := Listed{Page: p.Name, Address: address(p.Name), Command: p.Command, Up: k.fine(), Made: k.made.UTC(), Tried: k.tried.UTC(),
			Problem: k.problem, Errors: k.found[diag.Error], Warnings: k.found[diag.Warning], Next: k.digest.Next, Figures: []Figure{}}
		for _, f := range k.digest.Figures {
			one.Figures = append(one.Figures, Figure{Name: f.Name, Value: f.Value})
		}
		out.Pages = append(out.Pages, one)
	}
	return out
}

// urgent are the numbers of a page that want somebody.
func urgent(p Page, k kept) []report.Row {
	var out []report.Row
	for _, f := range k.digest.Figures {
		if f.Tone == report.Bad || f.Tone == report.Warn {
			out = append(out, report.Row{Tone: f.Tone, Link: address(p.Name), Cells: []string{p.Name, f.Value, f.Name}})
		}
	}
	return out
}

func count(t report.Table, tone report.Tone) int {
	n := 0
	for _, r := range t.Rows {
		if r.Tone == tone {
			n++
		}
	}
	return n
}

func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
