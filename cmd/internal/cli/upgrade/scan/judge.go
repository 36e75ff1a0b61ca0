package scan

import (
	"context"
	"fmt"
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/scan"
)

// judged is what is left of what was found, when all that is accepted, unchanged or not to be shown is taken out.
type judged struct {
	found  []scan.Finding
	said   []diag.Finding // about inputs, settings and tables
	hidden []diag.Finding
	notes  []string // how much was taken out
}

// judge judges what was read, of files and elsewhere. whole says that the folder of the settings was scanned.
func (s *scanning) judge(ctx context.Context, all liveResult, whole bool) (out judged, err error) {
	out.found = s.by.Judge(all.Evidence, s.tree.Target)
	inputs := scan.Plain(diag.Sort(s.app.Settle(slices.Concat(all.Files.Findings, all.Live.Findings, all.facts, s.tree.Problems))))
	accepted, about, err := accepting(s.app, s.known, s.tree, out.found, inputs)
	if err != nil {
		return out, err
	}
	accepted.Whole = whole
	left := accepted.Left(out.found, inputs)
	out.found = left[0]
	about = slices.Concat(about, accepted.About(), s.leftOut)
	for _, f := range slices.Concat(left[1], accepted.New(scan.Plain(about))[0]) {
		out.said = append(out.said, f.Finding)
	}
	var unchanged int
	if out.found, out.said, unchanged, err = changedOnly(ctx, s.changed, out.found, diag.Sort(out.said)); err != nil {
		return out, err
	}
	out.said = diag.Together(out.said)
	var more []diag.Finding
	out.found, out.hidden = input.Shown(s.tree, out.found, func(f scan.Finding) diag.Finding { return f.Finding })
	out.said, more = input.Shown(s.tree, out.said, itself)
	out.hidden = append(out.hidden, more...)
	out.notes = slices.Concat(notes(accepted, out.hidden), s.changed.LeftOut(unchanged))
	return out, nil
}

// show shows what was found, and what it takes to get from one version to another where that is asked for.
func (s *scanning) show(all liveResult, j judged) report.View {
	table, target, from := s.by.APIs, s.tree.Target, upgrade.Minor(s.charts.from)
	seen := all.Files
	seen.Findings = j.said
	seen.Seen += all.Live.Seen
	var steps []scan.Step
	if s.known.path != (app.Minor{}) {
		steps = app.List(scan.Path(j.found, table, from, target))
	}
	v, data := scanView(seen, all.what(), all.sources(), j.found, steps, table, target)
	v.Data = report.Later(func() any { markFixable(s.app, data.Findings, table, target); return data })
	v.Hidden, v.Notes = j.hidden, slices.Concat(v.Notes, j.notes, all.notes())
	if s.known.path != (app.Minor{}) {
		v.Tables = append(v.Tables, pathTable(steps, from, target))
	}
	return v
}

// notes say what of clusters and logs was left out.
func (r liveResult) notes() (out []string) {
	if r.space != "" {
		out = append(out,
			fmt.Sprintf("Only the namespace %s was looked at: no objects without a namespace, and no definitions of custom resources.", r.space))
	}
	if r.Live.Stale > 0 {
		out = append(out, fmt.Sprintf("%s only leftovers of old API versions, which nobody uses any more: they are not findings.",
			app.Count(r.Live.Stale, "live object has", "live objects have")))
	}
	if r.own > 0 {
		out = append(out, fmt.Sprintf("%s by the control plane itself or by this program left out.",
			app.Count(r.own, "audited call", "audited calls")))
	}
	return out
}
