// Package warn replays on manifests what the Kubernetes API server warns of when an object is written: fields, annotations,
// labels, volumes and values that are deprecated or do nothing, and objects that are accepted and not what was meant.
//
// The way through it: Load → Table → Table.May (a cheap look at a text) → Table.Object → []Warning, in the server's own words.
// It knows what kube-apiserver checks when an object is created, as of the release that rules.tsv names, and neither the
// configuration of a server nor its admission webhooks. An end-to-end test compares it with a real server.
package warn

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

//go:generate go run ./gen -out sites.tsv

//go:embed rules.tsv
var rules string

//go:embed labels.tsv
var labels string

// Field is the finding of a rule about something deprecated; that of any other rule is the ID of a finding.
const Field = "field"

// Rule is one thing that the server warns of. Minors that are not known, or will not be, are zero.
type Rule struct {
	Name       string // such as "volume-rbd"; several rows may share it
	Kinds      []string
	Finding    string        // Field, or an ID such as "warning/duplicate"
	Deprecated upgrade.Minor // of a field
	Removed    upgrade.Minor // of a field: the first minor in which it does nothing, or is refused
	Refused    bool          // from Removed on new objects that have it are refused
	Since      upgrade.Minor // the first minor that warns; zero for 1.28 and before
	Use        string        // what to use, where the server does not say; "" otherwise

	path      []string
	test, arg string
	says      string
}

// Warning is what the server says about one place in an object.
type Warning struct {
	Rule         *Rule
	Deprecated   upgrade.Minor // of the label or the rule
	Removed      upgrade.Minor
	Path         string // as the server writes it: spec.template.spec.volumes[0].rbd
	Text         string // the server's words
	Line, Column int
}

// Compare orders warnings by place, then by what they say.
func Compare(a, b Warning) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
}

// label is a label of nodes that goes.
type label struct {
	says                string
	deprecated, removed upgrade.Minor
}

// Table is what a server warns of.
type Table struct {
	rules   []*Rule
	labels  map[string]label
	byKind  map[string][]*Rule // for "pod" under the name of each kind that has one
	finders map[string]*finder // by kind: texts of which one stands in each object that is warned of; see May for the rest
	any     *finder            // of all other kinds
}

// podAt says where an object of a kind has its pod.
func podAt(kind string) ([]string, bool) {
	switch kind {
	case "Pod":
		return nil, true
	case "PodTemplate":
		return []string{"template"}, true
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job":
		return []string{"spec", "template"}, true
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template"}, true
	}
	return nil, false
}

// podKinds are those that podAt knows.
func podKinds() []string {
	return []string{"Pod", "PodTemplate", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"}
}

// Object returns the warnings about an object of a kind of Kubernetes' own APIs.
func (t *Table) Object(n *yaml.Node, kind string) []Warning {
	root := value{node: yamlx.Resolve(n), at: n}
	c := checker{table: t, kind: kind, root: root}
	c.all(t.byKind["*"], root)
	c.all(t.byKind[kind], root)
	if at, ok := podAt(kind); ok {
		c.pod = root
		for _, name := range at {
			c.pod = c.pod.get(name)
		}
		c.all(t.byKind["pod"], c.pod)
	}
	slices.SortFunc(c.found, Compare)
	return slices.CompactFunc(c.found, func(a, b Warning) bool { return Compare(a, b) == 0 })
}

// checker gathers the warnings about one object.
type checker struct {
	table *Table
	kind  string
	root  value
	pod   value
	found []Warning
}

// maxWarnings bounds the warnings about one object.
const maxWarnings = 1000

func (c *checker) all(rules []*Rule, from value) {
	for _, r := range rules {
		for _, v := range walk([]value{from}, r.path) {
			if len(c.found) < maxWarnings {
				c.check(r, v)
			}
		}
	}
}

// hit notes a warning: at is its place, with fills the blanks of what the server says.
func (c *checker) hit(r *Rule, v value, with ...string) {
	w := Warning{Rule: r, Deprecated: r.Deprecated, Removed: r.Removed, Path: v.path}
	if v.at != nil {
		w.Line, w.Column = v.at.Line, v.at.Column
	}
	blanks := append([]string{"{path}", v.path, "{up}", v.up, "{key}", v.key, "{index}", fmt.Sprint(v.index)}, with...)
	w.Text = strings.NewReplacer(append(blanks, "{value}", v.text())...).Replace(r.says)
	c.found = append(c.found, w)
}
