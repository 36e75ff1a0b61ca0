package scan

import (
	"slices"
	"strings"

	"treadmill/upgrade/apis/object"
)

// identity is what findings in files and clusters have in common.
type identity struct{ id, apiVersion, kind, name string }

// names fuses the findings about one object in files and clusters.
func (u *fuser) names() {
	declared := map[identity][]Sighting{}
	at := map[identity][]int{}
	add := func(f Finding, s Sighting, i int) {
		key := identity{f.ID, f.APIVersion, f.Kind, s.Name}
		declared[key], at[key] = append(declared[key], s), append(at[key], i)
	}
	for i, f := range u.found {
		if !u.gone[i] && f.judged() && f.Name != "" && f.Source != object.Audit && f.Source != object.Metrics && !f.inCluster() {
			add(f, Sighting{Name: f.Name, Namespace: f.Namespace}, i)
			for _, s := range f.AlsoSeen {
				add(f, s, i)
			}
		}
	}
	type place struct {
		identity
		context, namespace string
	}
	alone := map[place]int{}
	for i, f := range u.found {
		if !f.judged() || f.Name == "" || !f.inCluster() {
			continue
		}
		key := identity{f.ID, f.APIVersion, f.Kind, f.Name}
		if to, ok := match(declared[key], at[key], f.Namespace); ok {
			u.take(to, i)
			continue
		}
		context, _, _ := strings.Cut(f.File, ": ")
		where := place{key, context, f.Namespace}
		if first, ok := alone[where]; ok {
			u.take(first, i)
		} else {
			alone[where] = i
		}
	}
}

// match finds the one finding that declares an object of a namespace: where it is named if it is, else where none is named.
func match(declared []Sighting, at []int, namespace string) (int, bool) {
	for _, want := range []string{namespace, ""} {
		found := -1
		for n, s := range declared {
			if s.Namespace != want || found == at[n] {
				continue
			}
			if found >= 0 {
				return 0, false
			}
			found = at[n]
		}
		if found >= 0 {
			return found, true
		}
	}
	return 0, false
}

// calls fuses calls with the objects of those who make them.
func (u *fuser) calls() {
	users := map[[2]string][]int{}
	for i, f := range u.found {
		if !u.gone[i] && f.judged() &&
			(f.inCluster() || f.Source == object.Audit || slices.ContainsFunc(f.AlsoSeen,
				func(s Sighting) bool { return s.Source == object.Live || s.Source == object.Release })) {
			key := [2]string{f.APIVersion, f.Kind}
			users[key] = append(users[key], i)
		}
	}
	for _, source := range []object.Source{object.Audit, object.Metrics} {
		for i, f := range u.found {
			if f.Source != source || !f.judged() {
				continue
			}
			for _, to := range users[[2]string{f.APIVersion, f.Kind}] {
				if to != i && !u.gone[to] && u.calledBy(to, f) {
					u.take(to, i)
				}
			}
		}
	}
}

// calledBy reports whether calls belong to a finding.
func (u *fuser) calledBy(to int, call Finding) bool {
	f := u.found[to]
	if call.Source == object.Metrics {
		context, _, live := strings.Cut(call.File, ": ")
		return !live || f.at(context)
	}
	program, _, ok := strings.Cut(call.Owner, "/")
	return ok && (manages(f.Source, f.Owner, program) ||
		slices.ContainsFunc(f.AlsoSeen, func(s Sighting) bool { return manages(s.Source, s.Owner, program) }))
}

// at reports whether the object was seen in a context, or in an audit log, which does not say of which server it is.
func (f Finding) at(context string) bool {
	in := func(s object.Source, file string) bool {
		return s == object.Audit || file == context || strings.HasPrefix(file, context+": ")
	}
	return in(f.Source, f.File) || slices.ContainsFunc(f.AlsoSeen, func(s Sighting) bool { return in(s.Source, s.File) })
}

// manages reports whether the owner of a live object is a field manager of the name of a program.
func manages(source object.Source, owner, program string) bool {
	_, names, ok := strings.Cut(owner, " manager")
	return ok && source == object.Live && slices.Contains(strings.Split(strings.TrimLeft(names, "s "), ", "), program)
}
