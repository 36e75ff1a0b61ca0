package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"
)

//go:embed page.html
var pageTemplate string

// page is what the template sees.
type page struct {
	View
	Pictures []picture
	Found    Table
	Help     []Explained
}

type picture struct {
	Caption string
	Words   []string
	SVG     template.HTML
}

// shownRows is how many rows of a table a page has: a browser must stay quick.
const shownRows = 1000

// cutRows leaves out rows that are too many for a page, and says how many.
func (t Table) cutRows() Table {
	if n := len(t.Rows) - shownRows; n > 0 {
		t.Rows, t.more = t.Rows[:shownRows], n
	}
	return t
}

// More says how many rows a page leaves out.
func (t Table) More() string {
	if t.more == 0 {
		return ""
	}
	return thousands(float64(t.more)) + " more rows are left out of this page; -o json and csv have them all."
}

// writeHTML writes one page that needs nothing from the network.
func writeHTML(w io.Writer, v View) error {
	p := page{View: v, Help: explain(v.Findings)}
	p.Tables = nil
	for _, t := range v.Tables {
		p.Tables = append(p.Tables, t.narrow().cutRows())
	}
	for _, c := range v.Charts {
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			return err
		}
		p.Pictures = append(p.Pictures, picture{c.Caption(), c.Words(), template.HTML(b.String())}) //nolint:gosec // charts escape their texts
	}
	if !v.Tabled {
		p.Found = findingTable(v.Findings).cutRows()
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"tone":     func(t Tone) string { return [...]string{"", "good", "warn", "bad", "muted"}[t] },
		"class":    cellClass,
		"anchor":   anchor,
		"code":     codeHTML,
		"document": func(b []byte) string { return string(b) },
	}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, Safe(strings.ToValidUTF8(b.String(), "\uFFFD")))
	return err
}

// Contents names the tables of a page that has several, to jump to.
func (p page) Contents() []string {
	var out []string
	for _, t := range append(slices.Clone(p.Tables), p.Found) {
		if len(t.Rows) > 0 && t.Title != "" {
			out = append(out, t.Title)
		}
	}
	if len(out) < 3 {
		return nil
	}
	return out
}

// codeHTML is a sentence whose words between backquotes are code.
func codeHTML(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			b.WriteString("<code>" + template.HTMLEscapeString(part) + "</code>")
			continue
		}
		b.WriteString(template.HTMLEscapeString(part))
	}
	return template.HTML(b.String()) //nolint:gosec // each part is escaped
}

// anchor makes the name of a place in a page out of a title.
func anchor(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// cellClass keeps short texts, such as dates, on one line and gives long ones room.
func cellClass(c Column, cell string) string {
	switch {
	case c.Right:
		return "right"
	case c.Wide, len(cell) > 40 && strings.Contains(cell, " "):
		return "wide"
	case len(cell) <= 26 && strings.ContainsAny(cell, "- "):
		return "short"
	default:
		return ""
	}
}
