package scan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/object"
)

// Sighting is a further place where the object of a finding was seen, or was made from the same line.
type Sighting struct {
	Source    object.Source `json:"source"`
	Owner     string        `json:"owner"`
	Namespace string        `json:"namespace"`
	Name      string        `json:"name"`
	diag.Position
}

// Fuse makes one finding of all that is known about one object, and returns the findings in order:
//   - what several owners make out of one line, since that line is to be changed;
//   - an object in files, and the object of the same API, kind, name and namespace in clusters and in Helm's releases (where a
//     file names no namespace, in any), unless several files could be meant;
//   - calls in an audit log by the program that is the field manager of an object, as the server names a manager after the user
//     agent (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management);
//   - the server's metric of an API, where a cluster shows who uses that API.
//
// The finding stays at the place that is best to edit, has the owner that says most (a GitOps object, a release, a chart or a
// kustomization, a field manager), and the rest in AlsoSeen.
func Fuse(found []Finding) []Finding {
	Sort(found)
	f := fuser{found: found, gone: make([]bool, len(found))}
	f.places()
	f.names()
	f.calls()
	var out []Finding
	for i := range f.found {
		if !f.gone[i] {
			out = append(out, f.finished(i))
		}
	}
	if out == nil {
		out = []Finding{}
	}
	Sort(out)
	return out
}

type fuser struct {
	found []Finding
	gone  []bool
}

// judged reports whether a finding is about the API of an object.
func (f Finding) judged() bool { return f.ID == Removed || f.ID == Deprecated }

// inCluster reports whether a finding is from a cluster and about one object.
func (f Finding) inCluster() bool {
	return f.Source == object.Live || f.Source == object.Release
}

// rank orders owners by how much they say, the most first.
func (f Finding) rank() int {
	switch {
	case f.gitOps:
		return 0
	case f.Source == object.Release:
		return 1
	case f.Source == object.Live:
		return 3
	case f.Source == object.Metrics, f.Source == object.Audit:
		return 4
	}
	return 2
}

// take adds what one finding knows to another, which stays.
func (u *fuser) take(stays, goes int) {
	a, b := &u.found[stays], &u.found[goes]
	a.AlsoSeen = append(a.AlsoSeen, Sighting{b.Source, b.Owner, b.Namespace, b.Name, b.Position})
	a.AlsoSeen = append(a.AlsoSeen, b.AlsoSeen...)
	if b.Owner != "" {
		a.owners = append(a.owners, owner{b.Owner, b.rank()})
	}
	a.owners = append(a.owners, b.owners...)
	u.gone[goes] = true
}

// owner is the words for an owner and the rank of what it was seen in.
type owner struct {
	words string
	rank  int
}

// places fuses what is made out of one line.
func (u *fuser) places() {
	type line struct {
		diag.Position
		id, apiVersion, kind string
		before               upgrade.Minor
	}
	groups := map[line][]int{}
	for i, f := range u.found {
		if f.Line > 0 && (f.judged() || f.ID == Release) && (f.Source == object.File || f.Source == object.Helm || f.Source == object.Kustomize) {
			key := line{f.Position, f.ID, f.APIVersion, f.Kind, f.Before}
			groups[key] = append(groups[key], i)
		}
	}
	for _, group := range groups {
		u.place(group)
	}
}

// place fuses findings of one line with those of GitOps owners: what a file holds stays; of what is rendered, that of the first
// owner, since a chart's own values are not what is deployed.
func (u *fuser) place(group []int) {
	var stay, goes []int
	first := ""
	for _, i := range group {
		if f := u.found[i]; f.gitOps && (first == "" || f.Owner < first) {
			first = f.Owner
		}
	}
	if first == "" {
		return
	}
	for _, i := range group {
		if f := u.found[i]; !f.gitOps && f.Source != object.Helm {
			stay = append(stay, i)
		}
	}
	kept := len(stay) > 0
	for _, i := range group {
		f := u.found[i]
		switch {
		case !f.gitOps && f.Source != object.Helm:
		case !kept && f.gitOps && f.Owner == first:
			stay = append(stay, i)
		default:
			goes = append(goes, i)
		}
	}
	for _, i := range goes {
		to := stay[0]
		for _, s := range stay {
			if u.found[s].Name == u.found[i].Name {
				to = s
				break
			}
		}
		u.take(to, i)
	}
}

// most is how many owners or places are named in words.
const most = 3

// finished gives a finding its owner and its message.
func (u *fuser) finished(i int) Finding {
	f := u.found[i]
	if f.AlsoSeen == nil {
		f.AlsoSeen = []Sighting{}
		return f
	}
	slices.SortFunc(f.AlsoSeen, func(a, b Sighting) int {
		return cmp.Or(diag.Compare(diag.Finding{Position: a.Position}, diag.Finding{Position: b.Position}), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	owners := append(f.owners, owner{f.Owner, f.rank()})
	owners = slices.DeleteFunc(owners, func(o owner) bool { return o.words == "" })
	if len(owners) > 0 {
		best := slices.MinFunc(owners, func(a, b owner) int { return cmp.Compare(a.rank, b.rank) }).rank
		var words []string
		for _, o := range owners {
			if o.rank == best {
				words = append(words, o.words)
			}
		}
		slices.Sort(words)
		f.Owner = few(slices.Compact(words))
	}
	if f.tail != "" {
		f.Message = subject(object.Object{APIVersion: f.APIVersion, Kind: f.Kind, Name: f.Name, Owner: f.Owner}) + f.tail
	}
	if also := f.Elsewhere(); also != "" {
		f.Message += "; also seen in " + also
	}
	return f
}

// Elsewhere names the other places where the object was seen, in words.
func (f Finding) Elsewhere() string {
	var names []string
	for _, s := range f.AlsoSeen {
		if s.Position != f.Position && !slices.Contains(names, s.Position.String()) {
			names = append(names, s.Position.String())
		}
	}
	return few(names)
}

// few joins words, the first of them when there are many.
func few(words []string) string {
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}
