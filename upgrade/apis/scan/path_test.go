package scan_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/scan"
)

// TestPath asks for every known API and every way between two minors, and checks each answer against the table: a version
// to use is served at every step, and a chain of changes is served without a gap.
func TestPath(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	served := func(apiVersion, kind string, m upgrade.Minor) bool {
		a, ok := table.Find(lifecycle.ParseGVK(apiVersion, kind))
		return ok && !m.Less(a.Introduced) && !a.RemovedAt(m)
	}
	var objects []object.Object
	for _, a := range table.APIs {
		objects = append(objects, object.Object{Source: object.File, APIVersion: a.APIVersion(), Kind: a.Kind, Name: "x"})
	}
	n := 0
	for from := upgrade.V1(16); from.Less(table.Last()); from = from.Add(3) {
		for to := from.Add(1); !table.Last().Less(to); to = to.Add(4) {
			for _, s := range scan.Path(scan.Find(objects, table, to), table, from, to) {
				n++
				if s.Advice == "" {
					t.Errorf("%s to %s: %s %s: no advice", from, to, s.APIVersion, s.Kind)
				}
				for m := from; s.Use != "" && !to.Less(m); m = m.Add(1) {
					if !served(s.Use, s.Kind, m) {
						t.Errorf("%s to %s: %s %s: %s does not serve %s", from, to, s.APIVersion, s.Kind, m, s.Use)
					}
				}
				for _, c := range s.Changes {
					if !served(c.To, s.Kind, c.After) || !served(c.To, s.Kind, c.Before) || c.Before.Less(c.After) {
						t.Errorf("%s to %s: %s %s: change to %s from %s to %s", from, to, s.APIVersion, s.Kind, c.To, c.After, c.Before)
					}
				}
			}
		}
	}
	if n < 1000 {
		t.Errorf("%d steps", n)
	}
}
