package drift

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade/inventory"
)

// data is the machine shape of `drift`.
type data struct {
	Changes  []inventory.Change `json:"changes"` // that --write made in the fleet file
	Clusters []drift.Row        `json:"clusters"`
	Findings []drift.Finding    `json:"findings"`
	Now      time.Time          `json:"now"`
	Version  int                `json:"version"`
}

// view shows the differences, and the matrix of clusters by kind.
func (c *comparison) view(known acceptance) report.View {
	rows := drift.Matrix(c.compared, c.found)
	all := drift.Sort(slices.Concat(c.found, drift.About(c.findings)))
	findings := make([]diag.Finding, len(all))
	for i, f := range all {
		findings[i] = f.Finding
	}
	v := report.View{
		Title:    "Drift",
		Lead:     []string{c.lead(rows)},
		Figures:  c.figures(rows),
		Tables:   []report.Table{differences(c.found), matrix(rows)},
		Findings: findings,
		Notes:    slices.Concat(c.notes, known.notes()),
		Data:     data{Version: 1, Now: c.app.Time(), Changes: app.List(c.changes), Clusters: rows, Findings: app.List(all)},
	}
	if len(c.changes) > 0 {
		t := report.Table{Title: "Written into " + c.flags.fleet.File, Columns: []report.Column{{Name: "cluster"}, {Name: "change"}}}
		for _, change := range c.changes {
			t.Rows = append(t.Rows, report.Row{Cells: []string{change.Cluster, change.What}})
		}
		v.Tables = append(v.Tables, t)
	}
	return v
}

// readable counts the clusters of which all is known, and those of which something is not.
func readable(rows []drift.Row) (read, lost int) {
	for _, r := range rows {
		if slices.ContainsFunc(r.Cells, func(x drift.Cell) bool { return x.State == drift.Unknown }) {
			lost++
		} else {
			read++
		}
	}
	return read, lost
}

func (c *comparison) figures(rows []drift.Row) []report.Figure {
	read, lost := readable(rows)
	return []report.Figure{report.Counted("clusters compared", read, report.Plain), report.Counted("differences", len(c.found), report.Warn),
		report.Counted("clusters not known", lost, report.Bad)}
}

// lead says how much was compared and how much is apart.
func (c *comparison) lead(rows []drift.Row) string {
	read, lost := readable(rows)
	lead := fmt.Sprintf("%s compared: %s.", app.Count(read, "cluster", "clusters"), app.Count(len(c.found), "difference", "differences"))
	if lost > 0 {
		lead += fmt.Sprintf(" Of %s it is not known.", app.Count(lost, "more cluster", "more clusters"))
	}
	return lead
}

// differences is the table that people read first.
func differences(found []drift.Finding) report.Table {
	t := report.Table{Columns: []report.Column{{Name: "cluster"}, {Name: "what"}, {Name: "file"}, {Name: "runs"}, {Name: "place", Rank: 1},
		{Name: "owner", Rank: 2},
		{Name: "fix", Wide: true}, {Name: "kind", Wide: true}, {Name: "live", Wide: true}, {Name: "diff", Wide: true}}}
	for _, f := range found {
		t.Rows = append(t.Rows, report.Row{Tone: report.ToneOf(f.Severity), Cells: []string{f.Cluster, f.Subject, side(f.Want, f.Have),
			side(f.Have, f.Want), f.Position.String(), f.Owner,
			f.Fix, string(f.Kind), f.Live, strings.ReplaceAll(f.Diff, "\n", " ")}})
	}
	return t
}

// widest is how many characters of one side the table shows; the diff has all.
const widest = 40

// side is one line of what one side has; of a long one, from where it differs from the other side.
func side(text, other string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return "-"
	}
	short := []rune(line)
	if len(short) > widest {
		from := 0
		for there := []rune(other); from < min(len(short), len(there))-1 && short[from] == there[from]; {
			from++
		}
		for from > 0 && (unicode.IsDigit(short[from-1]) || unicode.IsLetter(short[from-1]) || short[from-1] == '.') {
			from--
		}
		if short = short[from:]; from > 0 {
			short = append([]rune("… "), short...)
		}
	}
	if len(short) > widest {
		short, rest = short[:widest], "more"
	}
	if line = string(short); rest != "" {
		line += " …"
	}
	return line
}

// matrix is the clusters by kind of difference.
func matrix(rows []drift.Row) report.Table {
	t := report.Table{Title: "By cluster", Columns: []report.Column{{Name: "cluster"}, {Name: "context"}}}
	var kinds []drift.Kind
	for _, k := range drift.Kinds() {
		if slices.ContainsFunc(rows, func(r drift.Row) bool {
			return slices.ContainsFunc(r.Cells, func(x drift.Cell) bool { return x.Kind == k })
		}) {
			kinds = append(kinds, k)
			t.Columns = append(t.Columns, report.Column{Name: string(k)})
		}
	}
	for _, r := range rows {
		row := report.Row{Tone: report.Good, Cells: []string{r.Cluster, r.Context}}
		for _, k := range kinds {
			text := "-"
			if i := slices.IndexFunc(r.Cells, func(x drift.Cell) bool { return x.Kind == k }); i >= 0 {
				switch x := r.Cells[i]; x.State {
				case drift.Apart:
					text, row.Tone = app.Count(x.Drifts, "difference", "differences"), report.Bad
				case drift.Same:
					text = "same"
				default:
					text = map[drift.State]string{drift.Partial: "same, in part not known", drift.Unknown: "not known"}[x.State]
					if row.Tone == report.Good {
						row.Tone = report.Warn
					}
				}
			}
			row.Cells = append(row.Cells, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
