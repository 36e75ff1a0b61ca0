package addons_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// draw takes an add-on, a version of it and the minor of its cluster.
func draw(t *rapid.T, table addons.Table) (name, version string, from upgrade.Minor) {
	published := slices.DeleteFunc(table.Addons(), func(a addons.Addon) bool { return len(a.Releases) == 0 })
	a := rapid.SampledFrom(published).Draw(t, "add-on")
	version = rapid.OneOf(rapid.Map(rapid.IntRange(0, len(a.Releases)-1), func(i int) string { return a.Releases[i].Version }),
		rapid.Map(rapid.IntRange(0, 60), func(n int) string { return fmt.Sprintf("1.%d.0", n) })).Draw(t, "version")
	return a.Name, version, upgrade.V1(rapid.IntRange(25, 40).Draw(t, "from"))
}

// TestBridgeSupportsBothMinors: a bridge fits the minor before and after the hop, every release on the way fits the one before, the
// steps obey the project's rule, and no nearer release would do.
func TestBridgeSupportsBothMinors(t *testing.T) {
	table, calendar := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		name, version, from := draw(t, table)
		to := from.Add(1)
		s := table.Bridge(name, version, from, to, calendar)
		running := table.Check(name, version, to)
		early := running.Fit == addons.Incompatible && to.Less(running.Kubernetes.Min)
		if (s.Kind == addons.Nothing) != (running.Fit == addons.Compatible || early) {
			t.Fatalf("%s %s is %s on %s, and the step is %s", name, version, running.Fit, to, s.Kind)
		}
		if s.Kind == addons.Blocked && (s.Until.IsZero() || s.Until.Late == 0 || s.Version != "") {
			t.Fatalf("blocked without an end: %+v", s)
		}
		if s.Kind != addons.Bridge {
			return
		}
		for _, at := range []upgrade.Minor{from, to} {
			if f := table.Check(name, s.Version, at).Fit; f != addons.Compatible {
				t.Fatalf("%s %s bridges %s-%s and is %s on %s", name, s.Version, from, to, f, at)
			}
		}
		for _, v := range s.Path {
			if f := table.Check(name, v, from).Fit; f == addons.Incompatible {
				t.Fatalf("%s passes %s, which does not fit %s", name, v, from)
			}
		}
		if s.Path[len(s.Path)-1] != s.Version {
			t.Fatalf("the way %v does not end at %s", s.Path, s.Version)
		}
		if again := table.Bridge(name, s.Version, from, to, calendar); again.Kind != addons.Nothing {
			t.Fatalf("after the bridge %s asks for %+v", name, again)
		}
	})
}

// TestItineraryIsMonotone: one step a hop, releases only go up, forecasts never come earlier for a later minor than the minor itself.
func TestItineraryIsMonotone(t *testing.T) {
	table, calendar := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		name, version, from := draw(t, table)
		last := from.Add(rapid.IntRange(0, 6).Draw(t, "hops"))
		steps := table.Itinerary(name, version, from, last, calendar)
		if len(steps) != last.Sub(from) {
			t.Fatalf("%d steps from %s to %s", len(steps), from, last)
		}
		waiting := false
		for i, s := range steps {
			if s.To != from.Add(i+1) || s.From != from.Add(i) || s.Addon != name {
				t.Fatalf("step %d is %+v", i, s)
			}
			if waiting && s.Kind != addons.Blocked {
				t.Fatalf("%s goes on after a release that does not exist: %+v", name, s)
			}
			waiting = s.Kind == addons.Blocked
			w, _ := calendar.Window(windows.Upstream, s.To)
			if waiting && s.Until.Latest() < w.Available.Day {
				t.Fatalf("%s supports %s on %s at the latest, before it is released on %s", name, s.To, s.Until.Latest(), w.Available.Day)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(ours))
	f.Add([]byte("version: 1\naddon: x\nreleases: [{version: 1, kubernetes: -1.34}]\n"))
	f.Add([]byte("{}\n---\naddon: [\n"))
	calendar, err := windows.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		table, findings := addons.Read("f.yaml", text)
		if len(table.Addons()) == 0 && len(findings) == 0 {
			t.Fatalf("%q is nothing, and there is no finding", text)
		}
		for _, a := range table.Addons() {
			for _, r := range a.Releases {
				if table.Check(a.Name, r.Version, upgrade.V1(36)).Release == "" {
					t.Fatalf("%s %s is not found", a.Name, r.Version)
				}
				table.Itinerary(a.Name, r.Version, upgrade.V1(34), upgrade.V1(38), calendar)
			}
		}
	})
}
