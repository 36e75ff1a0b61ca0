package drift

import (
	"cmp"
	"slices"
)

// State is what is known of one comparison of one cluster.
type State string

// The states.
const (
	Same    State = "same"
	Apart   State = "apart"
	Partial State = "partial" // what could be compared is the same, and the rest is not known
	Unknown State = "unknown" // nothing could be compared
)

// Row is a cluster, or a server of rules, and how each comparison of it went.
type Row struct {
	Cluster string `json:"cluster"`
	Context string `json:"context"` // "" for a server of rules
	Cells   []Cell `json:"kinds"`   // of the comparisons that were made, in the order of Kinds
}

// Cell is one comparison of one cluster.
type Cell struct {
	Kind   Kind  `json:"kind"`
	State  State `json:"state"`
	Drifts int   `json:"drifts"`
}

// Compared is a comparison that was made, or tried.
type Compared struct {
	Kind             Kind
	Cluster, Context string
	Hidden           bool // a part of it could not be seen
	None             bool // nothing of it could be
}

// Matrix sums up comparisons: a row for each cluster, by name.
func Matrix(compared []Compared, found []Finding) []Row {
	rows := map[string]*Row{}
	for _, c := range compared {
		r := rows[c.Cluster]
		if r == nil {
			r = &Row{Cluster: c.Cluster}
			rows[c.Cluster] = r
		}
		r.Context = cmp.Or(r.Context, c.Context)
		i := slices.IndexFunc(r.Cells, func(x Cell) bool { return x.Kind == c.Kind })
		if i < 0 {
			i, r.Cells = len(r.Cells), append(r.Cells, Cell{Kind: c.Kind, State: Same})
		}
		switch {
		case c.None:
			r.Cells[i].State = Unknown
		case c.Hidden && r.Cells[i].State == Same:
			r.Cells[i].State = Partial
		}
	}
	for _, f := range found {
		if r := rows[f.Cluster]; r != nil {
			if i := slices.IndexFunc(r.Cells, func(x Cell) bool { return x.Kind == f.Kind }); i >= 0 {
				r.Cells[i].Drifts++
				r.Cells[i].State = Apart
			}
		}
	}
	out := []Row{}
	for _, r := range rows {
		slices.SortFunc(r.Cells, func(a, b Cell) int { return cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)) })
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Row) int { return cmp.Compare(a.Cluster, b.Cluster) })
	return out
}
