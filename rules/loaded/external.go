package loaded

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"treadmill/rules"
)

// evaluated is what a server has, by whom it evaluates its rules: without the labels that it puts on each of them by itself. Thanos adds the
// external labels of the Prometheus, or of the ruler, that evaluates a rule, and joins groups of one name and file of several of them
// (enrichRulesWithExtLabels and dedupGroups of its package rules). Labels are such when every rule of the server has them, no rule that is
// wanted does, and it is not an operator that holds rules to them, which the expressions would show.
func evaluated(all []Has, wants []Want) []Has {
	names := external(all, wants)
	if len(names) == 0 {
		return all
	}
	var out []Has
	for _, h := range all {
		at := map[string]int{}
		for i, r := range h.Group.Rules {
			by := valuesOf(r.Labels, names)
			k, met := at[by]
			if !met {
				one := h
				one.Group.Rules, one.Errors, one.external = nil, map[int]string{}, by
				one.Place += " of " + by
				k = len(out)
				at[by], out = k, append(out, one)
			}
			r.Labels = maps.Clone(r.Labels)
			maps.DeleteFunc(r.Labels, func(name, _ string) bool { return slices.Contains(names, name) })
			out[k].Errors[len(out[k].Group.Rules)] = h.Errors[i]
			out[k].Group.Rules = append(out[k].Group.Rules, r)
		}
	}
	return out
}

// external are the labels that all rules of a server have and none that is wanted.
func external(all []Has, wants []Want) []string {
	var names []string
	first, n, holding := true, 0, map[string]int{}
	for _, h := range all {
		for _, r := range h.Group.Rules {
			if first {
				names, first = slices.Sorted(maps.Keys(r.Labels)), false
			}
			names = slices.DeleteFunc(names, func(name string) bool { return r.Labels[name] == "" })
			n++
			for _, name := range names {
				if strings.Contains(r.Expr, fmt.Sprintf("%s=%q", name, r.Labels[name])) {
					holding[name]++
				}
			}
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return 2*holding[name] > n }) // constants have no selector to hold
	for _, w := range wants {
		names = slices.DeleteFunc(names, func(name string) bool {
			return w.Group.Labels[name] != "" || slices.ContainsFunc(w.Group.Rules, func(r rules.Rule) bool { return r.Labels[name] != "" })
		})
	}
	return names
}

func valuesOf(labels map[string]string, names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	return strings.Join(out, ", ")
}

// copies are the groups of a name that are evaluated beside each other: those of one evaluating server, where there are most.
func (s Side) copies(name string) []Has {
	by := map[string][]Has{}
	for _, h := range s.has(name) {
		by[h.external] = append(by[h.external], h)
	}
	var most []Has
	for _, key := range slices.Sorted(maps.Keys(by)) {
		if len(by[key]) > len(most) {
			most = by[key]
		}
	}
	return most
}
