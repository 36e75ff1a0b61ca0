package loaded

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
)

// change is a rule on both sides that differs, or one that one side alone has.
type change struct {
	want, have *rule
	parts      []part
}

// pair puts the rules of two groups together: those that are the same, then those of one name and labels, then those of one name.
func (c *comparer) pair(want rules.Group, h Has) (out []change, same int) {
	have := h.Group
	left := make([]*rule, 0, len(have.Rules))
	for _, r := range have.Rules {
		one := c.canon.rule(have, r)
		left = append(left, &one)
	}
	want = held(want, left)
	var open []int
	wants := make([]rule, len(want.Rules))
	for i, r := range want.Rules {
		wants[i] = c.canon.rule(want, r)
		if !take(&left, func(r *rule) bool {
			return r.is(wants[i]) && len(apart(wants[i], *r, h.KeepUnknown)) == 0
		}, nil) {
			open = append(open, i)
		}
	}
	same = len(want.Rules) - len(open)
	for _, close := range []func(w rule, r *rule) bool{
		func(w rule, r *rule) bool { return r.is(w) && r.labelText == w.labelText },
		func(w rule, r *rule) bool { return r.is(w) },
	} {
		open = slices.DeleteFunc(open, func(i int) bool {
			w := wants[i]
			return take(&left, func(r *rule) bool { return close(w, r) }, func(r *rule) {
				out = append(out, change{&w, r, apart(w, *r, h.KeepUnknown)})
			})
		})
	}
	for _, i := range open {
		out = append(out, change{want: &wants[i]})
	}
	for _, r := range left {
		out = append(out, change{have: r})
	}
	return out, same
}

// take takes the first rule that is right out of a list.
func take(left *[]*rule, right func(*rule) bool, use func(*rule)) bool {
	i := slices.IndexFunc(*left, right)
	if i < 0 {
		return false
	}
	if use != nil {
		use((*left)[i])
	}
	*left = slices.Delete(*left, i, i+1)
	return true
}

// is reports whether two rules have one name.
func (r *rule) is(other rule) bool { return r.alert == other.alert && r.name == other.name }

// few is how many edited rules of a group are told one by one; of more one finding tells all.
const few = 5

// changed tells of a group that a side has otherwise than it is wanted.
func (c *comparer) changed(s *Side, w *Want, h Has) {
	changes, same := c.pair(w.Group, h)
	changes = append(changes, interval(w.Group, h.Group)...)
	if len(changes) == 0 || s.Server && c.explained(w, h) {
		return
	}
	edited, evidence := c.edited(s, w, h, changes, same)
	if !edited {
		if w.File == nil { // else it was told of the file
			c.older(s, w, h, changes, evidence)
		}
		return
	}
	if len(changes) > few {
		c.tell(FindingEdited, s, w, h, changes, evidence)
		return
	}
	for i := range changes {
		c.tell(FindingEdited, s, w, h, changes[i:i+1], evidence)
	}
}

// older tells of a group that was made from an older spec, each spec once on a side.
func (c *comparer) older(s *Side, w *Want, h Has, changes []change, evidence string) {
	if key := s.Name + "\x00" + w.Spec; !c.told[key] {
		c.told[key] = true
		c.tell(FindingStale, s, w, h, changes, evidence)
	}
}

// interval compares how often groups are evaluated, where that is wanted at all.
func interval(want, have rules.Group) []change {
	if want.Interval == 0 || want.Interval == have.Interval {
		return nil
	}
	return []change{{parts: []part{{"interval of " + want.Name, fmt.Sprint(want.Interval), fmt.Sprint(have.Interval)}}}}
}

// explained reports whether an object of a cluster has the group as the server has it, so that it is told there.
func (c *comparer) explained(w *Want, h Has) bool {
	for _, s := range c.sides {
		for _, other := range s.has(w.Group.Name) {
			if s.Server {
				continue
			}
			if changes, _ := c.pair(other.Group, h); len(changes) == 0 {
				return true
			}
		}
	}
	return false
}

// edited reports whether somebody changed a group where it runs, and by what that is told.
func (c *comparer) edited(s *Side, w *Want, h Has, changes []change, same int) (edited bool, evidence string) {
	if w.File != nil {
		if old, _ := c.pair(*w.File, h); len(old) == 0 && len(interval(*w.File, h.Group)) == 0 {
			return false, "it is as the file in Git has it"
		}
		return true, "the file in Git does not have it so" + byWhom(h.Writer)
	}
	if byHand(h.Writer.Manager) {
		return true, strings.TrimPrefix(byWhom(h.Writer), ", ")
	}
	if w.Spec == "" {
		return true, "the file does not have it so" + byWhom(h.Writer)
	}
	if len(changes) > same {
		return false, "most of its rules are others" + byWhom(h.Writer)
	}
	if c.spread(s, w) {
		return false, "several groups of its rules are others" + byWhom(h.Writer)
	}
	return true, "the other rules of the group are as the spec makes them" + byWhom(h.Writer)
}

// spread reports whether a side has rules of several groups of a spec otherwise, as a spec that changes does: an objective, say, is in
// the alerts and in what is recorded of the budget.
func (c *comparer) spread(s *Side, w *Want) bool {
	n := 0
	for i := range c.wants {
		other := &c.wants[i]
		if other.Spec == w.Spec && slices.ContainsFunc(s.has(other.Group.Name), func(h Has) bool {
			changes, _ := c.pair(other.Group, h)
			return len(changes) > 0
		}) {
			n++
		}
	}
	return n > 1
}

// byHand reports whether a field manager is a tool in somebody's hands.
func byHand(manager string) bool {
	return slices.Contains([]string{"kubectl-edit", "kubectl-patch", "kubectl-label", "kubectl-annotate", "kubectl-replace", "node-fetch",
		"k9s", "Lens", "OpenLens", "Headlamp", "dashboard"}, manager)
}

func byWhom(w Writer) string {
	if w.Manager == "" {
		return ""
	}
	out := ", written last by " + w.Manager
	if !w.At.IsZero() {
		out += " at " + w.At.UTC().Format("2006-01-02 15:04 MST")
	}
	return out
}

// tell makes one finding of changes.
func (c *comparer) tell(id string, s *Side, w *Want, h Has, changes []change, evidence string) {
	var names, want, have []string
	for _, x := range changes {
		names = append(names, x.String())
		a, b := x.sides(len(changes) > 1)
		want, have = append(want, a...), append(have, b...)
	}
	shown := strings.Join(names[:min(few, len(names))], "; ")
	if len(names) > few {
		shown += fmt.Sprintf(" and %d more", len(names)-few)
	}
	f := drift.Finding{
		Subject: subject([]*Want{w}),
		Live:    h.Place,
		Want:    strings.Join(want, "\n"),
		Have:    strings.Join(have, "\n"),
		Fix:     c.ask.Fix,
	}
	if id == FindingEdited && len(changes) == 1 {
		f.Subject = changes[0].name(w.Group.Name)
	}
	f.Diff = drift.Differ(f.Want, f.Have)
	if h.Writer.At != (time.Time{}) {
		f.Since = h.Writer.At
	}
	how := "the group " + w.Group.Name + " was edited where it runs"
	if id == FindingStale {
		how = "the rules of " + f.Subject + " were made from an older spec"
	}
	f.Message = fmt.Sprintf("%s: %s (%s; %s)", how, shown, evidence, h.Place)
	c.add(id, diag.Error, w, s, f)
}
