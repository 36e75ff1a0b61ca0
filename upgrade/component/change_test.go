package component_test

import (
	"slices"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/component"
)

func names(all []upgrade.Change, change string) []string {
	var out []string
	for _, c := range all {
		if c.Change == change {
			out = append(out, c.Name)
		}
	}
	return out
}

// TestChangesAreWhatIsRefused: what a release is said to take away is what its components refuse and those of the release before do not.
func TestChangesAreWhatIsRefused(t *testing.T) {
	f := flags(t)
	g, err := component.KnownGates()
	if err != nil {
		t.Fatal(err)
	}
	for m := 29; m <= 38; m++ {
		from, to := upgrade.V1(m-1), upgrade.V1(m)
		var want []string
		for _, c := range component.Components() {
			for _, flag := range f.Gone(c, from, to) {
				want = append(want, c+" --"+flag)
			}
		}
		if got := names(f.Changes(from, to), "removed"); !slices.Equal(got, want) {
			t.Errorf("1.%d takes away %v, and refuses %v", m, got, want)
		}
		for _, name := range names(g.Changes(from, to), "removed") {
			gate := component.Gate{Name: name, Enabled: true, Flag: true}
			if g.Refuses(gate, from, to) == "" || g.Since(gate, to) != to && g.Refuses(gate, from, from) == "" {
				t.Errorf("1.%d takes away the gate %s and does not refuse it", m, name)
			}
		}
	}
}

// TestChangesOfAWay: a way of several hops changes what its hops change one by one.
func TestChangesOfAWay(t *testing.T) {
	f := flags(t)
	g, err := component.KnownGates()
	if err != nil {
		t.Fatal(err)
	}
	var hops []upgrade.Change
	for m := upgrade.V1(33); m.Less(upgrade.V1(38)); m = m.Add(1) {
		hops = append(hops, f.Changes(m, m.Add(1))...)
		hops = append(hops, g.Changes(m, m.Add(1))...)
	}
	way := append(f.Changes(upgrade.V1(33), upgrade.V1(38)), g.Changes(upgrade.V1(33), upgrade.V1(38))...)
	upgrade.SortChanges(hops)
	upgrade.SortChanges(way)
	if !slices.Equal(hops, way) || len(way) == 0 {
		t.Errorf("%d changes hop by hop, %d on the way", len(hops), len(way))
	}
}
