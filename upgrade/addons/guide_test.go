package addons_test

import (
	"fmt"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
)

// A cluster on 1.35 with three add-ons goes to 1.37.
func ExampleGuide() {
	table, calendar := embedded(&testing.T{})
	guide := table.Guide(calendar)
	installed := []addons.Installed{
		{Name: "cert-manager", Version: "1.19.2"},
		{Name: "ingress-nginx", Version: "1.15.0"},
		{Name: "cilium", Version: "1.20.1"},
	}
	for _, need := range guide.Needs(installed, upgrade.V1(35), upgrade.V1(37)) {
		fmt.Printf("%s, ready %s\n", need.To, need.Ready.Day)
		for _, s := range need.Steps {
			fmt.Println(" ", s.Addon, s.Kind, s.Path)
		}
	}
	// Output:
	// 1.36, ready 2026-07-08
	//   cert-manager bridge [1.20 1.21]
	//   ingress-nginx migrate []
	// 1.37, ready 2027-02-02
	//   cert-manager blocked []
	//   cilium blocked []
}

// TestGuideRemembers: what it says the second time, and of add-ons together, is what each says by itself.
func TestGuideRemembers(t *testing.T) {
	table, calendar := embedded(t)
	guide := table.Guide(calendar)
	installed := []addons.Installed{{Name: "keda", Version: "2.18.0"}, {Name: "istio", Version: "1.28.1"}, {Name: "nobody", Version: "1"}}
	first := guide.Needs(installed, upgrade.V1(33), upgrade.V1(39))
	if again := guide.Needs(installed, upgrade.V1(33), upgrade.V1(39)); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Error("the second answer differs")
	}
	for i, need := range first {
		var latest, kinds int
		for _, x := range installed {
			s := table.Itinerary(x.Name, x.Version, upgrade.V1(33), upgrade.V1(39), calendar)[i]
			if s.Kind != addons.Nothing {
				kinds++
				latest = max(latest, int(s.Until.Latest()))
			}
			if s.Until.Day > need.Ready.Day {
				t.Errorf("%s is ready on %s, and %s on %s", need.To, need.Ready.Day, x.Name, s.Until.Day)
			}
		}
		if len(need.Steps) != kinds || need.Ready.Day != 0 && int(need.Ready.Latest()) != latest {
			t.Errorf("%s: %d steps, want %d; latest %d, want %d", need.To, len(need.Steps), kinds, need.Ready.Latest(), latest)
		}
	}
}

func BenchmarkGuide(b *testing.B) {
	table, calendar := embedded(b)
	installed := []addons.Installed{
		{Name: "cert-manager", Version: "1.16.3"},
		{Name: "cilium", Version: "1.17.1"},
		{Name: "argo-cd", Version: "3.1"},
	}
	guide := table.Guide(calendar)
	for b.Loop() {
		guide.Needs(installed, upgrade.V1(32), upgrade.V1(40))
	}
}
