// Package loaded compares the rules that specs and files want with those that clusters and servers have.
//
// The way through it: what is wanted and what each side has → Compare → []drift.Finding. Two rules are the same where Prometheus would do
// the same for them: the layout of an expression, the order of labels, and what an operator adds by itself make no difference. It reads
// nothing.
package loaded

import (
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
)

// The IDs of differences between rules.
const (
	FindingMissing = "drift/rule-missing" // wanted, and nobody has it
	FindingStale   = "drift/rule-stale"   // made from an older spec
	FindingEdited  = "drift/rule-edited"  // changed where it runs
	FindingTwice   = "drift/rule-twice"   // loaded more than once
	FindingFailing = "drift/rule-failing" // cannot be evaluated
	FindingUnowned = "drift/rule-unowned" // no spec makes it
)

// Want is a group that is wanted.
type Want struct {
	Group rules.Group
	Pos   diag.Position // of the spec, or of the group in a file
	Owner string
	Spec  string       // the SLO that makes it; "" for a group of a rule file
	File  *rules.Group // how the files in Git have what the spec makes; nil where none does
}

// Has is a group that a side has.
type Has struct {
	Group   rules.Group
	Place   string // "context prod-eu, monitoring/slo-shop", or the file of a server
	Object  string // namespace/name; "" on a server
	Managed bool   // the object says that it was generated here
	Writer  Writer // who wrote the rules last, where that is known
	Errors  map[int]string

	// KeepUnknown says that nothing tells how long its alerts are kept (keep_firing_for).
	KeepUnknown bool
	external    string // the labels that the server itself puts on its rules
}

// Writer is a field manager, and when it wrote.
type Writer struct {
	Manager string
	At      time.Time
}

// Side is a cluster, by its rule objects, or a server, by what it has loaded.
type Side struct {
	Cluster string // as findings name it; "" for a server
	Name    string // "context prod-eu", or the server's address
	Server  bool   // it answers with what it has loaded
	Partial bool   // it answers in part: what it does not show is not missing
	Alike   string // clusters of one name here are to have the same rules; "" for none
	Groups  []Has
}

// Ask says how rules are compared.
type Ask struct {
	All bool   // the specs are all there are: what bears our mark and none of them makes is nobody's
	Fix string // the command that makes the rules anew
}

// Compare says what is apart between what is wanted and what each side has.
func Compare(wants []Want, sides []Side, ask Ask) []drift.Finding {
	c := comparer{wants: wants, sides: sides, ask: ask, byName: map[string]*Want{}, canon: canons{}, told: map[string]bool{}}
	for i := range wants {
		c.byName[wants[i].Group.Name] = &wants[i]
	}
	for i := range sides {
		if sides[i].Server {
			sides[i].Groups = evaluated(sides[i].Groups, wants)
		}
	}
	c.stale()
	c.missing()
	for i := range sides {
		s := &sides[i]
		for _, h := range s.Groups {
			c.failing(s, h)
			if w := c.byName[h.Group.Name]; w != nil {
				c.changed(s, w, h)
			}
		}
		c.twice(s)
		c.unowned(s)
	}
	return drift.Sort(c.found)
}

// comparer is one comparison.
type comparer struct {
	wants  []Want
	sides  []Side
	ask    Ask
	byName map[string]*Want
	canon  canons
	told   map[string]bool // what was made from an older spec
	found  []drift.Finding
}

func (c *comparer) add(id string, severity diag.Severity, w *Want, s *Side, f drift.Finding) {
	f.ID, f.Severity, f.Kind = id, severity, drift.Rules
	if s != nil {
		f.Cluster = s.Cluster
	}
	if w != nil {
		f.Position, f.Owner = w.Pos, w.Owner
	}
	if f.File == "" {
		f.File = f.Live
	}
	c.found = append(c.found, f)
}

// has are the groups of a side that have a name.
func (s Side) has(name string) []Has {
	var out []Has
	for _, h := range s.Groups {
		if h.Group.Name == name {
			out = append(out, h)
		}
	}
	return out
}
