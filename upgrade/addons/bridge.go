package addons

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// Kind is what an add-on asks for when a control plane hops.
type Kind uint8

// The kinds of steps.
const (
	Nothing Kind = iota // the release that runs fits the minor to come, or is too new even for that
	Unsure              // the table does not know; look it up
	Bridge              // go to a release first that supports both minors
	After               // go to the release of the new minor right after the hop
	Gap                 // no release supports both: go to one for the new minor together with the hop
	Blocked             // no release supports the minor yet: wait until about Until
	Migrate             // the project has ended: replace it before the hop
)

var kindNames = [...]string{
	Nothing: "none",
	Unsure:  "unknown",
	Bridge:  "bridge",
	After:   "after",
	Gap:     "gap",
	Blocked: "blocked",
	Migrate: "migrate",
}

// String returns "none", "unknown", "bridge", "after", "gap", "blocked" or "migrate".
func (k Kind) String() string { return kindNames[k] }

// MarshalText writes the kind as its name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind from its name.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := word(kindNames[:], string(text), "kind of step")
	*k = Kind(max(i, 0))
	return err
}

// Step is what one add-on asks for in one hop of the control plane.
type Step struct {
	Addon    string
	From, To upgrade.Minor
	Kind     Kind
	Running  string // the release before the step; "" when it is one that does not exist yet
	// Version is the release to go to, "" when none is to be gone to or none exists yet. Path has the releases on the way, Version last.
	Version string
	Path    []string
	// Until is from when the hop can be made: the forecast of a Blocked step, or the day that the release of the step comes out.
	Until  windows.Date
	Reason string // one sentence, without a full stop

	state State // of the release that runs after the step
}

// Bridge says what an add-on that runs a release asks for in the hop of its cluster from a minor to the next. It is lazy: it goes to the
// nearest release that supports both minors, and to none when the running one does.
func (t Table) Bridge(name, version string, from, to upgrade.Minor, calendar windows.Table) Step {
	s := Step{From: from, To: to, Running: plain(version)}
	v := t.Check(name, version, to)
	s.Addon, s.Reason, s.state = v.Addon, v.Reason, v.State
	a, _ := t.Addon(name)
	l, err := lineOf(version)
	switch {
	case err != nil || v.Fit == Unknown:
		s.Kind = Unsure
		return s
	case v.Fit == Compatible, v.Kubernetes.below(to): // what is too new for the minor is so for the one before, and the hop brings it nearer
		return s
	}
	return t.bridge(a, l, s, calendar)
}

// bridge is the step of an add-on whose running line does not fit the minor to come.
func (t Table) bridge(a Addon, running line, s Step, calendar windows.Table) Step {
	later := slices.DeleteFunc(slices.Clone(a.Releases), func(r Release) bool {
		return r.line.compare(running) <= 0 || r.fits(s.To) != Compatible
	})
	match := func(r Release) bool { return r.Semantics == Match }
	switch i := slices.IndexFunc(later, func(r Release) bool { return r.fits(s.From) == Compatible }); {
	case slices.ContainsFunc(a.Releases, match):
		s.Kind, s.Version = After, s.To.String()
		s.Path = []string{s.Version}
		s.state = StateTested
		s.Reason = fmt.Sprintf("%s has the number of its minor: go to %s right after the hop", a.Name, s.Version)
	case i >= 0:
		s.Kind = Bridge
		s.take(a, running, later[i])
		s.Reason = fmt.Sprintf("%s supports both %s and %s", later[i].Version, s.From, s.To)
		if bad := s.unfit(a); bad != "" {
			why := fmt.Sprintf("%s supports both %s and %s, but the way to it passes %s, which does not support %s", s.Version, s.From,
				s.To, bad, s.From)
			s.take(a, running, later[0])
			s.Kind, s.Reason = Gap, why
		}
	case len(later) > 0:
		s.Kind = Gap
		s.take(a, running, later[0])
		s.Reason = fmt.Sprintf("no release supports both %s and %s; %s is the first for %s", s.From, s.To, s.Version, s.To)
	case a.Retired != nil:
		s.Kind = Migrate
		s.Reason = a.Retired.Reason
		if len(a.Retired.Instead) > 0 {
			s.Reason += "; instead: " + strings.Join(a.Retired.Instead, ", or ")
		}
	default:
		s = t.wait(a, s, calendar)
	}
	return s
}

// take makes a release the goal of the step.
func (s *Step) take(a Addon, running line, goal Release) {
	s.Version, s.Path, s.state = goal.Version, a.path(running, goal.line), goal.state(Compatible)
	if goal.Released != 0 {
		s.Until = windows.Date{Day: goal.Released, Status: windows.Actual, Source: goal.Source}
	}
}

// unfit is the first release on the way that does not support the minor that the cluster still has; "" when there is none.
func (s *Step) unfit(a Addon) string {
	for _, v := range s.Path {
		i := slices.IndexFunc(a.Releases, func(r Release) bool { return r.Version == v })
		if a.Releases[i].fits(s.From) == Incompatible {
			return v
		}
	}
	return ""
}

// path lists the releases to pass from a line to another: as few as the project's rule permits, by the releases that the table has.
func (a Addon) path(from, to line) []string {
	var out []string
	for from != to {
		next := line{}
		goal := ""
		for _, r := range a.Releases {
			if r.line.compare(from) <= 0 || r.line.compare(to) > 0 {
				continue
			}
			within := a.MinorStep == 0 || r.line.major == from.major && r.line.minor-from.minor <= uint64(a.MinorStep)
			if goal == "" || within {
				next, goal = r.line, r.Version
			}
		}
		if goal == "" {
			return out
		}
		out, from = append(out, goal), next
	}
	return out
}

// Itinerary is the steps of an add-on in every hop of its cluster from a minor up to another, in order; each starts from the release
// that the one before leaves running.
func (t Table) Itinerary(name, version string, from, last upgrade.Minor, calendar windows.Table) []Step {
	var out []Step
	var end Step // the step after which the table knows no release to go on from
	for _, to := range upgrade.Hops(from, last) {
		s := Step{Addon: end.Addon, From: to.Add(-1), To: to}
		switch end.Kind {
		case Migrate:
			s.Reason = "it is replaced before " + end.To.String()
		case Blocked:
			s = t.again(end.Addon, to, calendar)
		default:
			s = t.Bridge(name, version, s.From, to, calendar)
		}
		if s.Kind == Migrate || s.Kind == Blocked {
			end = s
		}
		if s.Version != "" {
			version = s.Version
		}
		out = append(out, s)
	}
	return out
}

// again is a step that comes after one that waits for a release nobody has seen: it waits for another.
func (t Table) again(name string, to upgrade.Minor, calendar windows.Table) Step {
	a, _ := t.Addon(name)
	s := Step{Addon: a.Name, From: to.Add(-1), To: to}
	return t.wait(a, s, calendar)
}

// wait blocks a step until the forecast.
func (t Table) wait(a Addon, s Step, calendar windows.Table) Step {
	s.Kind = Blocked
	s.Until, _ = t.Forecast(a.Name, s.To, calendar)
	s.Reason = fmt.Sprintf("no release of %s known on %s supports %s", a.Name, a.Read(), s.To)
	return s
}
