package scan

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// scanData is the machine shape of `upgrade scan`.
type scanData struct {
	Catalogue catalogueData  `json:"catalogue"`
	Files     int            `json:"files"`
	Findings  []scan.Finding `json:"findings"`
	Objects   int            `json:"objects"`
	Path      []scan.Step    `json:"path,omitzero"` // with --path: how each object gets from one version to the other
	Target    upgrade.Minor  `json:"target"`
	Version   int            `json:"version"`
}

// catalogueData says how far the table of APIs knows.
type catalogueData struct {
	Date   string        `json:"date"`
	Newest upgrade.Minor `json:"newest"`
}

// section is the table of the findings whose IDs begin alike.
type section struct {
	prefix string
	report.Table
}

// otherTables are the tables of what is found besides API versions of objects; the last takes whatever is left.
func otherTables() []section {
	var out []section
	for _, t := range [][2]string{
		{scan.AddonPrefix, "Custom resources of add-ons"}, {scan.ReferencePrefix, "References"},
		{scan.FieldPrefix, "Fields, annotations, labels and volumes"}, {scan.WarningPrefix, "What the API server warns of besides"},
		{scan.ComponentPrefix, "Flags and feature gates of components"},
		{"", "Definitions of custom resources"},
	} {
		out = append(out, section{t[0], report.Table{Title: t[1], Columns: problemColumns()}})
	}
	return out
}

// scanView shows what a scan found and what it looked at. what says in words how much that was,
// source what a named input is.
func scanView(seen apis.Files, what string, source func(file string) object.Source, found []scan.Finding, path []scan.Step,
	table *lifecycle.Table, target upgrade.Minor,
) (report.View, scanData) {
	apis := report.Table{Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "namespace", Wide: true}, {Name: "name", Rank: 1},
		{Name: "state"}, {Name: "deprecated", Rank: 2}, {Name: "removed"}, {Name: "use"}, {Name: "by", Wide: true, Rank: 3},
		{Name: "also seen", Wide: true, Rank: 4}}}
	by, also := &apis.Columns[len(apis.Columns)-2], &apis.Columns[len(apis.Columns)-1]
	by.Wide = !slices.ContainsFunc(found, func(f scan.Finding) bool { return f.Owner != "" })
	also.Wide = !slices.ContainsFunc(found, func(f scan.Finding) bool { return f.Elsewhere() != "" })
	sections := otherTables()
	inputs := report.Table{Title: "Not read", Columns: problemColumns()}
	removed, deprecated := 0, 0
	all := []scan.Finding{}
	var findings []diag.Finding
	for _, f := range found {
		all, findings = append(all, f), append(findings, f.Finding)
		switch f.ID {
		case scan.Removed, scan.ConfigRemoved:
			removed++
		case scan.Deprecated, scan.ConfigDeprecated:
			deprecated++
		case scan.Release, scan.Unreached, scan.NotServed, scan.Unknown:
		case read.Template, scan.Dump:
			inputs.Rows = append(inputs.Rows, problemRow(f.Finding))
			continue
		default:
			at := slices.IndexFunc(sections, func(s section) bool { return strings.HasPrefix(f.ID, s.prefix) })
			sections[at].Rows = append(sections[at].Rows, problemRow(f.Finding))
			continue
		}
		apis.Rows = append(apis.Rows, apiRow(f))
	}
	v := report.View{Tables: []report.Table{apis}, Tabled: true}
	for _, t := range sections {
		if len(t.Rows) > 0 {
			v.Tables = append(v.Tables, t.Table)
		}
	}
	if len(seen.Findings)+len(inputs.Rows) > 0 {
		data := report.Table{Title: "Age of the data", Columns: problemColumns()}
		for _, f := range seen.Findings {
			if strings.HasPrefix(f.ID, "data/") {
				data.Rows = append(data.Rows, problemRow(f))
			} else {
				inputs.Rows = append(inputs.Rows, problemRow(f))
			}
			all = append(all, scan.Finding{Finding: f, Source: source(f.File), AlsoSeen: []scan.Sighting{}})
		}
		for _, t := range []report.Table{inputs, data} {
			if len(t.Rows) > 0 {
				v.Tables = append(v.Tables, t)
			}
		}
		findings = append(findings, seen.Findings...)
	}
	v.Findings = findings
	v.Figures = []report.Figure{report.Counted("objects", seen.Seen, report.Plain), report.Counted("removed", removed, report.Bad),
		report.Counted("deprecated", deprecated, report.Warn), report.Counted("other findings", len(findings)-removed-deprecated, report.Plain)}
	v.Lead = []string{fmt.Sprintf("%s checked for Kubernetes %s: %d removed, %d deprecated.", what, target, removed, deprecated)}
	switch {
	case table.Newest.Less(target) && !table.Preview.Less(target):
		v.Notes = append(v.Notes,
			fmt.Sprintf("Kubernetes %s is not out: what it removes is that of the pre-release %s, which may still change.", target,
				table.PreviewVersion))
	case table.Newest.Less(target):
		v.Notes = append(v.Notes,
			fmt.Sprintf("Kubernetes %s is the newest release that the catalogue of %s knows; what leaves later is as planned then.",
				table.Newest, table.Date))
	}
	scan.Sort(all)
	data := scanData{Version: 1, Target: target, Catalogue: catalogueData{Newest: table.Newest, Date: table.Date},
		Files: seen.Opened, Objects: seen.Seen, Path: path, Findings: all}
	return v, data
}

func apiRow(f scan.Finding) report.Row {
	use, state := "-", "deprecated"
	switch f.ID {
	case scan.Removed, scan.ConfigRemoved:
		state = "removed"
	case scan.Unreached:
		state = "not reached"
	case scan.NotServed:
		state = "not served"
	case scan.Unknown:
		state = "unknown"
	case scan.Release:
		state = "release " + f.Before.String()
	}
	if f.Replacement != nil {
		if use = f.Replacement.APIVersion; f.Replacement.Kind != f.Kind {
			use += " " + f.Replacement.Kind
		}
	}
	leaves := f.RemovedIn.String()
	if f.Evidence == lifecycle.Planned || f.Evidence == lifecycle.Prerelease {
		leaves += " " + string(f.Evidence)
	}
	return report.Row{Tone: report.ToneOf(f.Severity), Cells: []string{f.Position.String(), f.APIVersion + " " + f.Kind, f.Namespace, f.Name,
		state, f.DeprecatedIn.String(), leaves, use, f.Owner, f.Elsewhere()}}
}

func problemColumns() []report.Column {
	return []report.Column{{Name: "place"}, {Name: "severity"}, {Name: "problem"}, {Name: "ID"}}
}

func problemRow(f diag.Finding) report.Row {
	return report.Row{Tone: report.ToneOf(f.Severity), Cells: []string{f.Position.String(), f.Severity.String(), f.Message, f.ID}}
}
