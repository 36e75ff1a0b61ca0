package plan

import (
	"cmp"
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/windows"
)

// AddonStep is what one add-on of a cluster asks for in one hop of a campaign.
type AddonStep struct {
	Addon string        `json:"addon"`
	Hop   upgrade.Minor `json:"hop"`  // the version that the control plane hops to
	Kind  addons.Kind   `json:"kind"` // bridge, after, gap, blocked, migrate or unknown
	From  string        `json:"from"` // the release that runs; "" for one that does not exist yet
	To    string        `json:"to"`   // the release to go to; "" where there is none
	Path  []string      `json:"path"` // the releases on the way, To last
	// Expected is when a release for the version is likely, for a step that is blocked; Early and Late by how many days that may be off.
	Expected windows.Day  `json:"expected,omitempty"`
	Early    int          `json:"early,omitempty"`
	Late     int          `json:"late,omitempty"`
	State    addons.State `json:"state"` // what stands behind it on the day of the plan: tested, declared, expected, unconfirmed, ended or unknown
	Reason   string       `json:"reason"`
}

// addonSteps are the steps of a cluster's add-ons in the hops of a campaign.
func addonSteps(p *model.Problem, u *model.Unit, w model.Work) []AddonStep {
	out := []AddonStep{}
	first := u.Lives.Versions[w.From].Minor
	for _, n := range u.Needs {
		if n.To.Sub(first) < 1 || n.To.Sub(first) > w.Hops {
			continue
		}
		for _, s := range n.Steps {
			step := AddonStep{
				Addon:  s.Addon,
				Hop:    s.To,
				Kind:   s.Kind,
				From:   s.Running,
				To:     s.Version,
				Path:   append([]string{}, s.Path...),
				State:  s.State(p.Today()),
				Reason: s.Reason,
			}
			if s.Kind == addons.Blocked {
				step.Expected, step.Early, step.Late = s.Until.Day, s.Until.Early, s.Until.Late
			}
			out = append(out, step)
		}
	}
	return out
}

// addonFindings says what the user must decide about add-ons: projects that have ended, hops that no release bridges, releases that should
// have come and were not seen, and releases that nobody knows anything of, these once for all clusters.
func addonFindings(p *model.Problem) []diag.Finding {
	var out []diag.Finding
	unknown := map[addons.Installed][]diag.Position{}
	for _, u := range p.Units {
		seen := map[string]bool{}
		for _, w := range u.Work {
			for _, s := range addonSteps(p, u, w) {
				id := map[addons.Kind]string{addons.Migrate: "plan/addon-retired", addons.Gap: "plan/addon-gap"}[s.Kind]
				at := addonAt(u, p, s.Addon)
				switch {
				case seen[s.Addon]:
				case s.State == addons.StateUnconfirmed:
					seen[s.Addon] = true
					out = append(out, unconfirmed(p, u, s, at))
				case s.Kind == addons.Unsure:
					seen[s.Addon] = true
					unknown[addons.Installed{Name: s.Addon, Version: s.From}] = append(unknown[addons.Installed{Name: s.Addon, Version: s.From}], at)
				}
				if id != "" {
					out = append(out, diag.Finding{ID: id, Severity: diag.Warning, Position: at, Message: fmt.Sprintf(
						"%s of %s, before %s in the campaign of %s: %s",
						s.Addon, u.Cluster.Name.V, s.Hop, model.DateOf(u.Slots.All[w.Slots[0]].Start), s.Reason)})
				}
			}
		}
	}
	for x, places := range unknown {
		slices.SortFunc(places, func(a, b diag.Position) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		out = append(out, diag.Finding{ID: "plan/addon-unknown", Severity: doubtful(p), Position: places[0], Message: fmt.Sprintf(
			"nothing is known of %s %s, which the plan takes to fit every version; %d in the fleet; give rows with --addons",
			x.Name, x.Version, len(places))})
	}
	return out
}

// doubtful is the severity of what a plan rests on and nobody knows.
func doubtful(p *model.Problem) diag.Severity {
	if p.Fleet.Policy.UnknownAddons.V == fleet.UnknownAssumed {
		return diag.Info
	}
	return diag.Warning
}

// unconfirmed is the finding about a hop that waits for a release which should be out by now, and which nobody has seen.
func unconfirmed(p *model.Problem, u *model.Unit, s AddonStep, at diag.Position) diag.Finding {
	return diag.Finding{ID: "plan/addon-unconfirmed", Severity: doubtful(p), Position: at, Message: fmt.Sprintf(
		"%s of %s: %s; one was likely by %s, and the plan takes it to be out: look it up and give its row with --addons",
		s.Addon, u.Cluster.Name.V, s.Reason, s.Expected+windows.Day(s.Late))}
}

// addonAt is where the fleet file says that a cluster runs an add-on.
func addonAt(u *model.Unit, p *model.Problem, name string) diag.Position {
	for _, a := range u.Cluster.Addons {
		if x, ok := p.Addons.Table.Addon(a.Name.V); a.Name.V == name || ok && x.Name == name {
			return a.Name.Pos
		}
	}
	return u.Cluster.Name.Pos
}
