package report

import (
	"bytes"
	"html/template"
	"io"
	"strings"
	"unicode"
)

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
func writeHTML(w io.Writer, v View, origin Origin) error {
	p := layOut(v)
	p.Help, p.Footer, p.Site = explain(v.Findings), origin.lines(), origin.Site
	for _, c := range v.Charts {
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			return err
		}
		p.place(c, b.String(), len(v.Charts) == 1)
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"tone":     func(t Tone) string { return [...]string{"", "good", "warn", "bad", "muted"}[t] },
		"anchor":   anchor,
		"code":     codeHTML,
		"nth":      func(i int) int { return i + 1 },
		"numbered": func(i int, t Table) numberedTable { return numberedTable{i, t} },
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

// layOut sets the tables of a page.
func layOut(v View) page {
	p := page{View: v}
	p.Tables = nil
	for _, t := range v.Tables {
		p.Tables = append(p.Tables, t.narrow().withoutEmpty().worstFirst().cutRows())
	}
	if !v.Tabled {
		p.Found = findingTable(v.Findings).worstFirst().cutRows()
	}
	return p
}

// Digest is what the top of a page says.
type Digest struct {
	Figures []Figure // the numbers that matter, of a view that names them
	Next    string   // what to do first; "" where there is no error
	Bare    bool     // there is nothing but errors: the work could not be begun
}

// DigestOf is what the top of the page of a view says.
func DigestOf(v View) Digest {
	p := layOut(v.whole())
	d := Digest{Figures: p.Figures, Next: p.Next(), Bare: len(p.Document) == 0}
	for _, t := range p.Tables {
		d.Bare = d.Bare && len(t.Rows) == 0
	}
	d.Bare = d.Bare && d.Next != "" && !v.Tabled
	return d
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
