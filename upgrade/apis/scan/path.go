package scan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

// Step says how one object gets from one Kubernetes minor to another one. Its position is that of the object.
type Step struct {
	Finding
	ChangeBefore upgrade.Minor `json:"changeBefore,omitzero"` // the hop to this minor breaks it; zero when none of the path does
	Use          string        `json:"use"`                   // an apiVersion that every minor of the path serves; "" when there is none
	Changes      []PathChange  `json:"changes"`               // what it changes to where there is none
	Advice       string        `json:"advice"`
}

// PathChange is one change on the way: at some minor from After on, and before the hop to Before. Where After and Before are
// the same no minor serves both versions, so that the change goes with that hop.
type PathChange struct {
	To     string        `json:"to"`
	After  upgrade.Minor `json:"after"`
	Before upgrade.Minor `json:"before"`
}

// Path says for each finding about an API before which hop its object must change, and to what. What every minor serves is
// best, since it can be changed at any time; else it changes on the way, where two minors serve both versions if they do.
func Path(found []Finding, table *lifecycle.Table, from, to upgrade.Minor) []Step {
	steps := []Step{}
	for _, f := range found {
		api, ok := table.Find(lifecycle.ParseGVK(f.APIVersion, f.Kind))
		if !ok || f.ID != Removed && f.ID != Deprecated {
			continue
		}
		s := Step{Finding: f, Changes: []PathChange{}}
		if api.RemovedAt(to) {
			s.ChangeBefore = api.Removed
		}
		kin := kindred(table, api)
		if use, ok := best(kin, from, to); ok {
			s.Use = use.APIVersion()
		}
		s.advise(api, kin, from, to)
		steps = append(steps, s)
	}
	return steps
}

// kindred are the API versions of a kind, in its group and in that of its replacement.
func kindred(table *lifecycle.Table, api lifecycle.API) []lifecycle.API {
	var kin []lifecycle.API
	for _, a := range table.APIs {
		if a.Kind == api.Kind && (a.Group == api.Group || a.Group == api.Replacement.Group && api.Replacement.Kind == a.Kind) {
			kin = append(kin, a)
		}
	}
	return kin
}

// best returns the API version that two minors and those between them serve, that which lasts longest.
func best(kin []lifecycle.API, from, to upgrade.Minor) (lifecycle.API, bool) {
	var served []lifecycle.API
	for _, a := range kin {
		if !from.Less(a.Introduced) && !a.RemovedAt(from) && !a.RemovedAt(to) {
			served = append(served, a)
		}
	}
	if len(served) == 0 {
		return lifecycle.API{}, false
	}
	return slices.MaxFunc(served, func(a, b lifecycle.API) int {
		return cmp.Or(lasting(a).Compare(lasting(b)), a.Introduced.Compare(b.Introduced), cmp.Compare(a.APIVersion(), b.APIVersion()))
	}), true
}

// lasting is when an API goes; far away when it does not.
func lasting(a lifecycle.API) upgrade.Minor {
	if a.Removed.IsZero() {
		return upgrade.V1(1 << 20)
	}
	return a.Removed
}

func (s *Step) advise(api lifecycle.API, kin []lifecycle.API, from, to upgrade.Minor) {
	switch {
	case s.Use == api.APIVersion():
		s.Advice = fmt.Sprintf("need not change on the way to %s", to)
	case api.RemovedAt(from) && s.Use != "":
		s.Advice = fmt.Sprintf("%s does not serve it already; change it to %s", from, s.Use)
	case s.Use != "":
		s.Advice = fmt.Sprintf("change it to %s before the hop to %s; every step serves that", s.Use, s.ChangeBefore)
	default:
		s.walk(api, kin, from, to)
	}
}

// walk finds the changes on the way where no version is served all along: at each removal to what lasts longest, of those
// that the minor before serves too if there are any.
func (s *Step) walk(api lifecycle.API, kin []lifecycle.API, from, to upgrade.Minor) {
	var words []string
	for api.RemovedAt(to) {
		at := api.Removed
		if at.Less(from) {
			at = from
		}
		next, both := best(kin, at.Add(-1), at)
		if both = both && from.Less(at); !both {
			var ok bool
			if next, ok = best(kin, at, at); !ok {
				words = append(words, fmt.Sprintf("no version is served from %s on, so it must go before", at))
				break
			}
		}
		c := PathChange{To: next.APIVersion(), After: at, Before: at}
		if both {
			if c.After = next.Introduced; c.After.Less(from) {
				c.After = from
			}
			words = append(words, fmt.Sprintf("change it to %s between %s and the hop to %s", c.To, c.After, at))
		} else {
			words = append(words, fmt.Sprintf("change it to %s with the hop to %s, as %s and %s serve no version in common",
				c.To, at, at.Add(-1), at))
		}
		s.Changes = append(s.Changes, c)
		api = next
	}
	s.Advice = "no version is served at every step: " + strings.Join(words, "; ")
}
