package loaded

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
)

// stale tells of files in Git whose rules the specs do not make any more: each spec once.
func (c *comparer) stale() {
	for _, all := range c.bySpec(func(w *Want) bool { return w.File != nil && w.Spec != "" }) {
		var changes []change
		for _, w := range all {
			more, _ := c.pair(w.Group, Has{Group: *w.File})
			changes = append(append(changes, more...), interval(w.Group, *w.File)...)
		}
		if len(changes) > 0 {
			at := *all[0]
			at.Pos = at.File.Pos
			c.tell(FindingStale, nil, &at, Has{Place: at.File.Pos.String()}, changes, "the spec makes other rules now")
		}
	}
}

// bySpec are the groups that are wanted and chosen, those of one spec together; a group of a file is by itself.
func (c *comparer) bySpec(chosen func(*Want) bool) [][]*Want {
	var out [][]*Want
	at := map[string]int{}
	for i := range c.wants {
		w := &c.wants[i]
		if !chosen(w) {
			continue
		}
		if k, met := at[w.Spec]; met && w.Spec != "" {
			out[k] = append(out[k], w)
			continue
		}
		at[w.Spec] = len(out)
		out = append(out, []*Want{w})
	}
	return out
}

// subject is what groups that are wanted together are called.
func subject(all []*Want) string {
	if all[0].Spec != "" {
		return "SLO " + all[0].Spec
	}
	return "group " + all[0].Group.Name
}

// groups names groups.
func groups(all []*Want) string {
	var names []string
	for _, w := range all {
		names = append(names, w.Group.Name)
	}
	if len(names) == 1 {
		return "the group " + names[0]
	}
	return "the groups " + strings.Join(names, ", ")
}

// missing tells of groups that nobody has, that a cluster lacks and its peers have, and that no server has loaded.
func (c *comparer) missing() {
	if len(c.sides) == 0 {
		return
	}
	expected := map[int]bool{} // sides that have some of what is wanted, and those alike
	alike := map[string]bool{}
	for i, s := range c.sides {
		if slices.ContainsFunc(s.Groups, func(h Has) bool { return c.byName[h.Group.Name] != nil }) || s.Server || len(c.sides) == 1 {
			expected[i] = true
			alike[s.Alike] = alike[s.Alike] || s.Alike != ""
		}
	}
	partial := slices.ContainsFunc(c.sides, func(s Side) bool { return s.Partial })
	c.absent("", nil, func(w *Want) bool {
		return !partial && !slices.ContainsFunc(c.sides, func(s Side) bool { return len(s.has(w.Group.Name)) > 0 })
	})
	for i := range c.sides {
		if s := &c.sides[i]; !s.Partial && (expected[i] || alike[s.Alike]) {
			c.absent(s.Name, s, func(w *Want) bool {
				return len(s.has(w.Group.Name)) == 0 && slices.ContainsFunc(c.sides, func(other Side) bool { return len(other.has(w.Group.Name)) > 0 })
			})
		}
	}
}

// absent tells of groups that a side lacks, or all, each spec once.
func (c *comparer) absent(where string, s *Side, chosen func(*Want) bool) {
	for _, all := range c.bySpec(chosen) {
		var names []string
		for _, w := range all {
			for _, r := range w.Group.Rules {
				names = append(names, r.Name())
			}
		}
		slices.Sort(names)
		f := drift.Finding{Subject: subject(all), Live: where, Want: strings.Join(slices.Compact(names), "\n"), Fix: c.ask.Fix}
		f.Diff = drift.Differ(f.Want, "")
		f.Message = groups(all) + " missing: no cluster and no server that was read has what the file makes"
		if s != nil {
			with := c.sides[slices.IndexFunc(c.sides, func(other Side) bool { return len(other.has(all[0].Group.Name)) > 0 })]
			f.Message = fmt.Sprintf("%s missing in %s: %s has it", groups(all), where, with.Name)
			if s.Server {
				f.Message += ", and the server has not loaded it; do its labels match the server's ruleSelector?"
			}
		}
		c.add(FindingMissing, diag.Error, all[0], s, f)
	}
}

// twice tells of groups that a side has more than once: their alerts page twice, and their series are written twice.
func (c *comparer) twice(s *Side) {
	often := func(w *Want) bool {
		return len(s.copies(w.Group.Name)) > 1 && (!s.Server || !c.elsewhere(w.Group.Name))
	}
	for _, all := range c.bySpec(often) {
		var places []string
		for _, one := range s.copies(all[0].Group.Name) {
			places = append(places, one.Place)
		}
		slices.Sort(places)
		f := drift.Finding{Subject: subject(all), Live: strings.Join(places, " and "), Want: places[0], Have: strings.Join(places, "\n")}
		f.Diff = drift.Differ(f.Want, f.Have)
		f.Message = fmt.Sprintf("%s loaded %d times: their alerts page as often, and their series are written by each: %s", groups(all),
			len(places), strings.Join(places, "; "))
		c.add(FindingTwice, diag.Error, all[0], s, f)
	}
}

// elsewhere reports whether a cluster has a group twice, so that it is told there.
func (c *comparer) elsewhere(name string) bool {
	return slices.ContainsFunc(c.sides, func(s Side) bool { return !s.Server && len(s.has(name)) > 1 })
}

// failing tells of rules that a server cannot evaluate.
func (c *comparer) failing(s *Side, h Has) {
	w := c.byName[h.Group.Name]
	severity := diag.Warning
	if w != nil {
		severity = diag.Error
	}
	for i, r := range h.Group.Rules {
		if reason := h.Errors[i]; reason != "" {
			f := drift.Finding{Subject: "rule " + r.Name(), Live: s.Name + ", " + h.Place, Have: reason, Diff: drift.Differ("", reason)}
			f.Message = fmt.Sprintf("the rule %s of the group %s cannot be evaluated: %s (%s)", r.Name(), h.Group.Name, reason, s.Name)
			c.add(FindingFailing, severity, w, s, f)
		}
	}
}

// unowned tells of objects and groups that were generated here, and that no spec makes any more: those of one SLO in one place together.
func (c *comparer) unowned(s *Side) {
	wanted, at := map[string]bool{}, map[string]int{}
	for _, h := range s.Groups {
		if c.byName[h.Group.Name] != nil {
			wanted[h.Object] = true
		}
	}
	var all [][]Has
	for _, h := range s.Groups {
		if !c.ask.All || c.byName[h.Group.Name] != nil || !h.Managed || s.Server && c.anywhere(h.Group.Name) {
			continue
		}
		key := h.Place
		if h.Object == "" || wanted[h.Object] { // it holds more than what is nobody's
			key += "\x00" + sloOf(h.Group)
		}
		if _, met := at[key]; !met {
			at[key], all = len(all), append(all, nil)
		}
		all[at[key]] = append(all[at[key]], h)
	}
	for _, some := range all {
		c.nobodys(s, some, some[0].Object != "" && !wanted[some[0].Object])
	}
}

// nobodys tells of groups of one place; whole says that the object has no others.
func (c *comparer) nobodys(s *Side, all []Has, whole bool) {
	h, names, were := all[0], make([]string, len(all)), "was"
	for i, one := range all {
		names[i] = one.Group.Name
	}
	f := drift.Finding{
		Subject: "group " + h.Group.Name,
		Live:    h.Place,
		Have:    strings.Join(names, "\n"),
		Diff:    drift.Differ("", strings.Join(names, "\n")),
		Since:   h.Writer.At,
	}
	if whole {
		namespace, name, _ := strings.Cut(h.Object, "/")
		f.Fix = fmt.Sprintf("kubectl -n %s delete prometheusrule %s", drift.Quoted(namespace), drift.Quoted(name))
	}
	what, it := "the group ", "it"
	if len(all) > 1 {
		what, it, were = "the groups ", "them", "were"
	}
	f.Message = fmt.Sprintf("%s%s %s generated, and no spec that was read makes %s any more%s (%s)", what, strings.Join(names, ", "), were, it,
		byWhom(h.Writer), h.Place)
	c.add(FindingUnowned, diag.Warning, nil, s, f)
}

// sloOf is the SLO whose events a generated group counts; else its own name.
func sloOf(g rules.Group) string {
	for _, r := range g.Rules {
		if r.Labels["slo"] != "" {
			return r.Labels["slo"]
		}
	}
	return g.Name
}

// anywhere reports whether a cluster has a group.
func (c *comparer) anywhere(name string) bool {
	return slices.ContainsFunc(c.sides, func(s Side) bool { return !s.Server && len(s.has(name)) > 0 })
}

// Generated reports whether a group bears the marks of rules that were generated here: recorded increments with the name of their SLO.
func Generated(g rules.Group) bool {
	return slices.ContainsFunc(g.Rules, func(r rules.Rule) bool {
		return strings.HasPrefix(r.Record, "slo:") && (r.Labels["slo"] != "" || r.Labels["slo_counter"] != "")
	})
}
