package changes

import (
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
)

// changesData is the machine shape of `upgrade changes`.
type changesData struct {
	Version  int            `json:"version"`
	From     upgrade.Minor  `json:"from"`
	To       upgrade.Minor  `json:"to"`
	Changes  []changeData   `json:"changes"`
	Findings []diag.Finding `json:"findings"`
}

type changeData struct {
	upgrade.Change
	Used []string `json:"used"` // where files use it; empty where no files were given
}

type changesView struct {
	tables   tables
	from, to upgrade.Minor
	added    bool // list what is new too
	used     used // nil where no files were given
	findings []diag.Finding
}

func (v changesView) view() report.View {
	data := changesData{Version: 1, From: v.from, To: v.to, Changes: []changeData{}, Findings: app.List(v.findings)}
	t := report.Table{Columns: []report.Column{{Name: "in"}, {Name: "change"}, {Name: "kind"}, {Name: "name"}, {Name: "use", Rank: 1},
		{Name: "used at", Wide: v.used == nil}, {Name: "source", Wide: true, Rank: 2}}}
	counts := map[string]int{}
	for _, c := range v.tables.between(v.from, v.to) {
		places := v.used.of(c)
		if c.Change == "added" && !v.added || v.used != nil && len(places) == 0 {
			continue
		}
		counts[c.Change]++
		data.Changes = append(data.Changes, changeData{Change: c, Used: app.List(places)})
		t.Rows = append(
			t.Rows,
			report.Row{Tone: tone(c.Change), Cells: []string{c.In.String(), c.Change, c.Kind, c.Name, c.Use, strings.Join(places, ", "), c.Source}},
		)
	}
	view := report.View{Title: "Changes", Data: data, Tables: []report.Table{t}, Findings: v.findings}
	view.Lead = []string{fmt.Sprintf("From Kubernetes %s to %s (%s): %s.", v.from, v.to,
		app.Count(len(upgrade.Hops(v.from, v.to)), "hop", "hops"), v.counted(counts))}
	for _, word := range upgrade.Changes() {
		if counts[word] > 0 || word == "removed" || word == "deprecated" {
			view.Figures = append(view.Figures, report.Counted(word, counts[word], tone(word)))
		}
	}
	return v.noted(view)
}

// counted says in words how many changes of each sort there are.
func (v changesView) counted(counts map[string]int) string {
	var parts []string
	for _, word := range upgrade.Changes() {
		if n := counts[word]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case v.used != nil:
		return "nothing changes of what the files use"
	}
	return "nothing changes that the tables know of"
}

// noted says what the tables do not know.
func (v changesView) noted(view report.View) report.View {
	apis := v.tables.APIs
	if apis.Newest.Less(v.to) {
		view.Notes = append(
			view.Notes,
			fmt.Sprintf(
				"Kubernetes %s is not out: what it changes is that of the pre-release %s and of plans, and may still move.",
				v.to,
				apis.PreviewVersion,
			),
		)
	}
	if last := v.tables.metrics.Last(); last.Less(v.to) {
		view.Notes = append(view.Notes, fmt.Sprintf("Of releases after %s only planned removals of APIs are known.", last))
	}
	for _, old := range []struct {
		what  string
		since upgrade.Minor
	}{{"feature gates", v.tables.Gates.Oldest()}, {"flags", v.tables.Flags.Oldest()}, {"metrics", v.tables.metrics.Oldest}} {
		if v.from.Less(old.since) {
			view.Notes = append(view.Notes, fmt.Sprintf("Changes of %s are known from %s on.", old.what, old.since.Add(1)))
		}
	}
	if v.used != nil {
		view.Notes = append(view.Notes, "Only what the files use is listed; Helm charts and kustomizations are read as they are.")
	}
	return view
}

func tone(change string) report.Tone {
	switch change {
	case "removed", "hidden", "locked on", "locked off":
		return report.Bad
	case "added":
		return report.Muted
	}
	return report.Warn
}
