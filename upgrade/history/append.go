package history

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/internal/diag"
)

// Append is the text of the file with one campaign more, everything else as it was written, comments too. The file must have been
// read without errors. What it gives was read again: it holds all campaigns of before, and the new one.
func (f File) Append(c Campaign) ([]byte, error) {
	text, err := f.with(c)
	if err != nil {
		return nil, err
	}
	again, findings := Read(f.Name, text)
	if diag.Any(findings, diag.Error) || len(again.Campaigns) != len(f.Campaigns)+1 || !again.Campaigns[len(f.Campaigns)].Same(c) {
		return nil, f.misplaced()
	}
	return text, nil
}

func (f File) misplaced() error {
	return errors.New(f.Name + ": campaigns must be the last field of the file and a list with a line for each dash, so that one can be added")
}

func (f File) with(c Campaign) ([]byte, error) {
	text := f.text
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return []byte("version: " + strconv.Itoa(Version) + "\ncampaigns:\n" + c.text(2)), nil
	case f.last > 0:
		at := lineEnd(text, f.last)
		return []byte(string(text[:at]) + c.text(f.column-1) + string(text[at:])), nil
	case f.tail:
		return []byte(string(text) + "campaigns:\n" + c.text(2)), nil
	case len(f.Campaigns) == 0: // "campaigns:" or "campaigns: []"
		const field = "campaigns:"
		if before, after, ok := strings.Cut(string(text), field); ok {
			rest, below, _ := strings.Cut(after, "\n")
			return []byte(before + field + strings.Replace(rest, " []", "", 1) + "\n" + c.text(2) + below), nil
		}
	}
	return nil, f.misplaced()
}

// lineEnd is the offset after a line.
func lineEnd(text []byte, line int) int {
	at := 0
	for range line {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	return at
}

// text is the campaign as an item of a list whose dashes stand after some spaces.
func (c Campaign) text(indent int) string {
	var b strings.Builder
	line := func(field, value string) {
		lead := "  "
		if b.Len() == 0 {
			lead = "- "
		}
		fmt.Fprintf(&b, "%s%s%s: %s\n", strings.Repeat(" ", indent), lead, field, value)
	}
	line("cluster", strconv.Quote(c.Cluster.V))
	if c.Group != "" {
		line("group", strconv.Quote(c.Group))
	}
	if c.Environment != "" {
		line("environment", strconv.Quote(c.Environment))
	}
	line("from", strconv.Quote(c.From.V.String()))
	line("to", strconv.Quote(c.To.V.String()))
	line("start", c.Start.V.Format(time.RFC3339))
	line("end", c.End.V.Format(time.RFC3339))
	if len(c.Spent) > 0 {
		var parts []string
		for _, name := range c.SLOs() {
			parts = append(parts, strconv.Quote(name)+": "+strconv.FormatFloat(float64(c.Spent[name])*100, 'f', 2, 64)+"%")
		}
		line("spent", "{"+strings.Join(parts, ", ")+"}")
	}
	if len(c.Measured) > 0 {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(c.Measured)) {
			parts = append(parts, strconv.Quote(name)+": "+c.Measured[name].text())
		}
		line("measured", "{"+strings.Join(parts, ", ")+"}")
	}
	if c.Outcome != "" {
		line("outcome", string(c.Outcome))
	}
	if c.Source != "" {
		line("source", c.Source)
	}
	return b.String()
}

func (m Measurement) text() string {
	number := func(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }
	return fmt.Sprintf("{bad: %s, total: %s, objective: %s%%, period: %s}", number(m.Bad, 1), number(m.Total, 0),
		strconv.FormatFloat(float64(m.Objective)*100, 'g', 12, 64), m.Period)
}
