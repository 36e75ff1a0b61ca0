package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
)

// writeCSV writes the first table, or the findings where there is no table.
func writeCSV(w io.Writer, v View) error {
	t, ok := v.list()
	if !ok {
		t = findingTable(v.Findings)
	}
	c := csv.NewWriter(w)
	names := make([]string, len(t.Columns))
	for i, col := range t.Columns {
		names[i] = inert(col.Name)
	}
	_ = c.Write(names) // errors are kept and returned by Error
	for _, r := range t.Rows {
		cells := make([]string, len(r.Cells))
		for i, cell := range r.Cells {
			cells[i] = inert(cell)
		}
		_ = c.Write(cells)
	}
	c.Flush()
	return c.Error()
}

// quantity is a signed number with its unit, or several: -162d, +2.5 %, -1,500 USD, -6h30m. A sign alone is a word for none.
var quantity = regexp.MustCompile(`^[-+](\d[\d.,]*( ?(%|\pL{1,12}))?( ?\d[\d.,]*( ?(%|\pL{1,12}))?)*)?$`)

// inert puts an apostrophe before a cell that a spreadsheet would run as a formula; numbers stay as they are, also with a unit
// (https://owasp.org/www-community/attacks/CSV_Injection).
func inert(cell string) string {
	if _, err := strconv.ParseFloat(cell, 64); err == nil || quantity.MatchString(cell) ||
		!strings.ContainsAny(firstRune(cell), "=+-@\t\r＝＋－＠") {
		return cell
	}
	return "'" + cell
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// FindingTable shows findings as a table of its own, the worst first.
func FindingTable(title string, fs []diag.Finding) Table {
	worst := slices.Clone(fs)
	slices.SortStableFunc(worst, func(a, b diag.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	t := findingTable(worst)
	t.Title, t.Worst = title, false
	return t
}

// findingTable shows findings as a table.
func findingTable(fs []diag.Finding) Table {
	t := Table{Title: "Findings", Worst: true, Columns: []Column{{Name: "severity"}, {Name: "place"}, {Name: "message"}, {Name: "id"}}}
	for _, f := range fs {
		t.Rows = append(t.Rows, Row{Cells: []string{f.Severity.String(), f.Position.String(), f.Message, f.ID}, Tone: ToneOf(f.Severity)})
	}
	return t
}

func writeMarkdown(w io.Writer, v View) error {
	text, err := v.Room.fit(v, markdown)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

func markdown(v View) ([]byte, error) {
	var b bytes.Buffer
	if v.Title != "" {
		fmt.Fprintf(&b, "## %s\n\n", mdText(v.Title))
	}
	for _, s := range v.Lead {
		fmt.Fprintf(&b, "%s\n\n", mdText(s))
	}
	if v.Stream != nil {
		var whole bytes.Buffer
		if err := v.Stream(&whole); err != nil {
			return nil, err
		}
		v.Document = whole.Bytes()
	}
	if v.Document != nil {
		fence := "```"
		for bytes.Contains(v.Document, []byte(fence)) {
			fence += "`"
		}
		fmt.Fprintf(&b, "%s\n%s%s\n\n", fence, v.Document, fence)
	}
	tables := v.Tables
	if len(v.Findings) > 0 && !v.Tabled {
		tables = append(tables[:len(tables):len(tables)], findingTable(v.Findings))
	}
	for _, t := range tables {
		if len(t.Rows) > 0 {
			mdTable(&b, t.narrow())
		}
	}
	for _, s := range v.Notes {
		fmt.Fprintf(&b, "%s\n\n", mdText(s))
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n'), nil
}

func mdTable(b *bytes.Buffer, t Table) {
	if t.Title != "" {
		fmt.Fprintf(b, "### %s\n\n", mdText(t.Title))
	}
	var rules strings.Builder
	for _, c := range t.Columns {
		fmt.Fprintf(b, "| %s ", mdText(c.Name))
		rules.WriteString(map[bool]string{false: "| --- ", true: "| ---: "}[c.Right])
	}
	fmt.Fprintf(b, "|\n%s|\n", rules.String())
	for _, r := range t.Rows {
		for _, cell := range r.Cells {
			fmt.Fprintf(b, "| %s ", mdText(cell))
		}
		b.WriteString("|\n")
	}
	b.WriteString("\n")
}

var mdEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`)

// mdText escapes what Markdown would read as markup.
func mdText(s string) string { return mdEscapes.Replace(oneLine(s)) }

var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes workflow commands, which GitHub shows beside the lines that a pull request changes
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message).
func writeGitHub(w io.Writer, v View) error {
	var b bytes.Buffer
	for _, f := range v.Findings {
		level := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "notice"}[f.Severity]
		props := []string{"title=" + githubProperty.Replace(f.ID)}
		if f.File != "" {
			props = append(props, "file="+githubProperty.Replace(f.File))
		}
		if f.Line > 0 {
			props = append(props, fmt.Sprintf("line=%d", f.Line))
		}
		if f.Column > 0 {
			props = append(props, fmt.Sprintf("col=%d", f.Column))
		}
		fmt.Fprintf(&b, "::%s %s::%s\n", level, strings.Join(props, ","), githubMessage.Replace(f.Message))
	}
	_, err := w.Write(b.Bytes())
	return err
}
