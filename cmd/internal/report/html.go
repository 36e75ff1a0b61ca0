package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageTemplate string

// page is what the template sees.
type page struct {
	View
	Pictures []picture
	Found    Table
}

type picture struct {
	Caption string
	SVG     template.HTML
}

// writeHTML writes one page that needs nothing from the network.
func writeHTML(w io.Writer, v View) error {
	p := page{View: v}
	p.Tables = nil
	for _, t := range v.Tables {
		p.Tables = append(p.Tables, t.narrow())
	}
	for _, c := range v.Charts {
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			return err
		}
		p.Pictures = append(p.Pictures, picture{c.Caption(), template.HTML(b.String())}) //nolint:gosec // charts escape their texts
	}
	if !v.Tabled {
		p.Found = findingTable(v.Findings)
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"tone":     func(t Tone) string { return [...]string{"", "good", "warn", "bad", "muted"}[t] },
		"class":    cellClass,
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
