package input

import (
	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// ScanTarget is the version to scan for. Beyond the last release for which anything is planned nothing can be said.
func ScanTarget(to upgrade.Minor, table *lifecycle.Table) (upgrade.Minor, error) {
	switch last := table.Last(); {
	case to.IsZero():
		return table.Newest, nil
	case last.Less(to):
		return to, app.Usage("--to %s: nothing is known of that version; the catalogue of %s knows releases up to %s and plans up to %s",
			to, table.Date, table.Newest, last)
	}
	return to, nil
}

// JudgeCalls turns calls into findings: those of built-in APIs by the table, the others by the word of the server.
func JudgeCalls(found []auditlog.Call, table *lifecycle.Table, target upgrade.Minor) []scan.Finding {
	objects, rest := auditlog.Objects(found, table)
	out := scan.Find(objects, table, target)
	for _, c := range rest {
		if c.Deprecated {
			o := read.Object{Source: c.Source, APIVersion: c.APIVersion(), Kind: c.Resource, Owner: c.Owner(), Position: c.Position}
			out = append(out, scan.Custom(o, c.Removed, target, "the API server that serves it calls it deprecated"))
		}
	}
	return out
}
