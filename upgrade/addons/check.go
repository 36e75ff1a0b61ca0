package addons

import (
	"fmt"

	"treadmill/upgrade"
)

// Verdict is what the table says of one release of an add-on on one minor, and what that rests on.
type Verdict struct {
	Fit        Fit
	Addon      string     // the add-on's own name; as it was asked for when the table does not have it
	Release    string     // the row it rests on; "" when there is none
	Kubernetes Range      // of that row
	Semantics  Semantics  // of that row
	Confidence Confidence // Low where the answer was inferred from neighbouring releases
	State      State      // what stands behind the answer
	Source     string     // key
	Reason     string     // one sentence, without a full stop
}

// Check says whether a release of an add-on fits a minor. Add-ons and releases that the table does not have are Unknown, unless
// the releases around them leave one answer only: ranges move up with the releases.
func (t Table) Check(name, version string, at upgrade.Minor) Verdict {
	a, ok := t.Addon(name)
	if !ok {
		return Verdict{Addon: name, Reason: "the table does not have " + name}
	}
	l, err := lineOf(version)
	if err != nil {
		return Verdict{Addon: a.Name, Reason: fmt.Sprintf("%q of %s is not a version", version, a.Name)}
	}
	return a.check(l, plain(version), at)
}

func (a Addon) check(l line, version string, at upgrade.Minor) Verdict {
	before, row, after := a.around(l)
	v := Verdict{Addon: a.Name}
	switch {
	case row != nil:
		return v.by(row, version, row.fits(at), at)
	case before != nil && before.Semantics == Match: // a later release of a project that numbers itself by Kubernetes
		own := Release{
			Version:    before.Version,
			Kubernetes: Range{upgrade.V1(int(l.minor)), upgrade.V1(int(l.minor))},
			Semantics:  Match,
			Confidence: before.Confidence,
			Source:     before.Source,
		}
		return v.by(&own, version, own.fits(at), at)
	case before != nil && before.Semantics == Minimum:
		return v.by(before, version, before.fits(at), at)
	}
	if r, fit := inferred(before, after, at); r != nil {
		v = v.by(r, version, fit, at)
		v.Confidence, v.State = Low, StateExpected
		v.Reason += ", by the release next to it"
		return v
	}
	switch {
	case len(a.Releases) == 0:
		v.Reason = "the table has no releases of " + a.Name
		if why := a.Unpublished(); why != "" {
			v.Reason = a.Name + ": " + why
		}
	case before != nil && after == nil:
		v.Reason = fmt.Sprintf("%s %s is newer than the table, which ends at %s", a.Name, version, before.Version)
	default:
		v.Reason = fmt.Sprintf("the table does not have %s %s", a.Name, version)
	}
	return v
}

// inferred is what the rows on both sides of a release leave as the only answer, and the row that says so; nil where they leave two.
func inferred(before, after *Release, at upgrade.Minor) (*Release, Fit) {
	switch {
	case after == nil:
		return nil, Unknown
	case after.Semantics == Minimum && !after.Kubernetes.below(at):
		return after, Compatible
	case bounded(*after) && after.Kubernetes.above(at):
		return after, Incompatible
	case before != nil && bounded(*before) && bounded(*after) && !before.Kubernetes.above(at) && after.fits(at) == Compatible:
		return after, Compatible
	default:
		return nil, Unknown
	}
}

// around finds the row of a release, the last of its line that begins with it or before, and those next to where it would be.
func (a Addon) around(l line) (before, row, after *Release) {
	for i := range a.Releases {
		switch r := &a.Releases[i]; {
		case r.line.holds(l):
			row = r
		case r.line.compare(l) < 0:
			before = r
		case after == nil:
			after = r
		}
	}
	return before, row, after
}

// fits judges a minor by the row alone.
func (r *Release) fits(at upgrade.Minor) Fit {
	below, above := r.Kubernetes.below(at), r.Kubernetes.above(at)
	switch {
	case !below && !above, below && r.Semantics == Newest:
		return Compatible
	case r.Semantics == Expected, r.Semantics == Default:
		return Unknown
	default:
		return Incompatible
	}
}

// by fills in the row that a verdict rests on.
func (v Verdict) by(r *Release, version string, fit Fit, at upgrade.Minor) Verdict {
	v.State = r.state(fit)
	v.Fit, v.Release, v.Kubernetes, v.Semantics, v.Confidence, v.Source = fit, r.Version, r.Kubernetes, r.Semantics, r.Confidence, r.Source
	verb := map[Semantics]string{Tested: "is tested on", Newest: "is built for", Minimum: "runs on", Expected: "was tested on",
		Match: "goes with", Default: "is installed with"}[r.Semantics]
	v.Reason = fmt.Sprintf("%s %s %s Kubernetes %s", v.Addon, version, verb, r.Kubernetes)
	if fit == Unknown || fit == Incompatible {
		v.Reason += fmt.Sprintf(", not %s", at)
	}
	if fit == Compatible && r.Kubernetes.below(at) {
		v.Reason += fmt.Sprintf("; %s is best effort", at)
	}
	return v
}
