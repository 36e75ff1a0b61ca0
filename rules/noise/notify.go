package noise

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/common/model"
)

// Notification is one message to a receiver that tells of firing alerts.
type Notification struct {
	At       time.Time
	Receiver string
	Rules    []Rule // of the alerts that fire in it, each once
}

// Notify says which notifications an Alertmanager with the configuration would have sent for alerts that fired as they did.
//
// It follows Alertmanager's own rules: an alert goes down the routing tree, into a group by its route and labels; a group
// is told of after group_wait, then looked at every group_interval, and told of again when an alert fires that the last
// message did not have, or after repeat_interval; what is inhibited or muted at that time is left out
// (https://prometheus.io/docs/alerting/latest/configuration/, read 2026-11). Messages that tell that all is over are not counted,
// and neither silences nor restarts are known.
func (c Config) Notify(instances []Instance) []Notification {
	sets := make([]model.LabelSet, len(instances))
	groups := map[string]*group{}
	for i, x := range instances {
		sets[i] = setOf(x.Labels)
	}
	inhibited := c.inhibited(instances, sets)
	for i := range instances {
		for _, r := range c.root.match(sets[i], "0") {
			key := r.path + "\x00" + r.groupKey(sets[i])
			if groups[key] == nil {
				groups[key] = &group{route: r.route}
			}
			groups[key].members = append(groups[key].members, member{instances[i], inhibited[i]})
		}
	}
	var out []Notification
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, groups[key].notifications()...)
	}
	slices.SortStableFunc(out, func(a, b Notification) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Receiver, b.Receiver)) })
	return out
}

func setOf(m map[string]string) model.LabelSet {
	out := make(model.LabelSet, len(m))
	for k, v := range m {
		out[model.LabelName(k)] = model.LabelValue(v)
	}
	return out
}

// matched is a route that takes an alert, and its place in the tree.
type matched struct {
	route
	path string
}

// match finds the routes of an alert: the deepest that match, the first of siblings unless it says to go on.
func (r route) match(set model.LabelSet, path string) []matched {
	if !r.matchers.Matches(set) {
		return nil
	}
	var all []matched
	for i, child := range r.routes {
		found := child.match(set, path+"/"+strconv.Itoa(i))
		all = append(all, found...)
		if len(found) > 0 && !child.cont {
			break
		}
	}
	if len(all) == 0 {
		return []matched{{r, path}}
	}
	return all
}

func (r route) groupKey(set model.LabelSet) string {
	if r.groupAll {
		return set.String()
	}
	var b strings.Builder
	for _, name := range r.groupBy {
		b.WriteString(name + "\x00" + string(set[model.LabelName(name)]) + "\x00")
	}
	return b.String()
}

// inhibited says when each alert is inhibited.
func (c Config) inhibited(instances []Instance, sets []model.LabelSet) [][]Span {
	out := make([][]Span, len(instances))
	for _, rule := range c.inhibits {
		both := map[bool]map[string][]Span{false: {}, true: {}} // of sources, by whether they are targets too
		for i, set := range sets {
			if rule.source.Matches(set) {
				key, target := rule.key(set), rule.target.Matches(set)
				both[target][key] = append(both[target][key], instances[i].Spans...)
			}
		}
		for i, set := range sets {
			if !rule.target.Matches(set) {
				continue
			}
			key := rule.key(set)
			out[i] = append(out[i], both[false][key]...)
			if !rule.source.Matches(set) { // what is on both sides is not inhibited by its like
				out[i] = append(out[i], both[true][key]...)
			}
		}
	}
	for i := range out {
		out[i] = join(out[i])
	}
	return out
}

func (r inhibit) key(set model.LabelSet) string {
	var b strings.Builder
	for _, name := range r.equal {
		b.WriteString(string(set[model.LabelName(name)]) + "\x00")
	}
	return b.String()
}

// group is the alerts that one message tells of.
type group struct {
	route
	members []member
}

type member struct {
	Instance
	inhibited []Span
}

// notifications follows a group from its first alert on, life by life: it ends when nothing in it fires.
func (g *group) notifications() []Notification {
	var all []Span
	for _, m := range g.members {
		all = append(all, m.Spans...)
	}
	var out []Notification
	var free time.Time // until then the group before is still there
	for _, life := range join(all) {
		at := life.From.Add(g.wait)
		if life.From.Before(free) {
			at = free // the group has not been taken away yet: its next look finds the alert
		}
		var told map[int]bool
		var last time.Time
		for ; ; at = at.Add(g.interval) {
			firing := g.firing(at)
			if len(firing) > 0 && !g.muted(at) && (!subset(firing, told) || !at.Before(last.Add(g.again))) {
				out = append(out, Notification{At: at, Receiver: g.receiver, Rules: g.rules(firing)})
				told, last = firing, at
			}
			if !at.Before(life.To) {
				free = at.Add(g.interval)
				break
			}
		}
	}
	return out
}

// firing are the members that fire and are not inhibited.
func (g *group) firing(at time.Time) map[int]bool {
	out := map[int]bool{}
	for i, m := range g.members {
		if on(m.Spans, at) && !on(m.inhibited, at) {
			out[i] = true
		}
	}
	return out
}

func subset(a, b map[int]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

func (g *group) rules(firing map[int]bool) []Rule {
	var out []Rule
	for _, i := range slices.Sorted(maps.Keys(firing)) {
		if r := g.members[i].Rule(); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Rule) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Severity, b.Severity)) })
	return out
}

// muted reports whether the route's time intervals keep it quiet.
func (g *group) muted(at time.Time) bool {
	within := func(lists [][]timeinterval.TimeInterval) bool {
		for _, list := range lists {
			if slices.ContainsFunc(list, func(t timeinterval.TimeInterval) bool { return t.ContainsTime(at) }) {
				return true
			}
		}
		return false
	}
	return within(g.mute) || len(g.active) > 0 && !within(g.active)
}
