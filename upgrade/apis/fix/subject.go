package fix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx/edit"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
)

// subject is one object that may have to change.
type subject struct {
	*edit.Node
	api                               lifecycle.API
	apiVersion, kind, namespace, name string
	version                           *edit.Node // the scalar that holds the apiVersion, its own or that of its list
	original                          *edit.Node // before the change
	notes                             []string
}

func (s *subject) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// refusal is why an object is not rewritten, and what to do instead. at is the value that stands in the way, if one does.
type refusal struct {
	at   *edit.Node
	text string
}

func (r *refusal) Error() string { return r.text }

func refuse(at *edit.Node, format string, args ...any) error {
	return &refusal{at, fmt.Sprintf(format, args...)}
}

// document is one document being rewritten.
type document struct {
	*file
	*edit.Document
	offset  int // of the document in the file
	changes []*subject
	renamed []reference
}

// maxLists bounds how deep lists nest, as in manifest.
const maxLists = 32

// walk calls fix for the objects of a value. list is the list that they are items of.
func (d *document) walk(n *edit.Node, list *subject, depth int) {
	if n == nil || depth > maxLists {
		return
	}
	if n.Kind == edit.Sequence {
		for _, item := range n.List() {
			d.walk(item, list, depth+1)
		}
		return
	}
	if n.Kind != edit.Mapping {
		return
	}
	s := &subject{Node: n, version: n.Get("apiVersion"), kind: n.Get("kind").Str()}
	s.name, s.namespace = n.Get("metadata", "name").Str(), n.Get("metadata", "namespace").Str()
	if typed, ok := strings.CutSuffix(list.typed(), "List"); ok && typed != "" {
		if s.kind == "" {
			s.kind = typed
		}
		if s.version == nil {
			s.version = list.version
		}
	}
	s.apiVersion = s.version.Str()
	if items := n.Get("items"); items != nil && items.Kind == edit.Sequence {
		d.walk(items, s, depth+1)
		d.list(s, items)
		return
	}
	if s.kind == read.OpenShiftTemplate {
		d.walk(n.Get("objects"), nil, depth+1)
	}
	if s.apiVersion != "" && s.kind != "" {
		d.object(s, list)
		d.references(s, list)
	}
}

// embedded calls fix for the objects that tasks of Ansible and resources of Terraform have in them, in a document that is no object.
func (d *document) embedded(n *edit.Node, depth int) {
	if n == nil || depth > maxNested || n.Get("apiVersion") != nil && n.Get("kind") != nil {
		return
	}
	for _, e := range n.All() {
		keys, module := []string(nil), false
		if e.Key != nil {
			keys, module = read.Definition(e.Key.Value)
		}
		if !module {
			d.embedded(e.Value, depth+1)
			continue
		}
		for _, given := range append([]*edit.Node{e.Value}, below(e.Value, 2)...) {
			for _, key := range keys {
				d.walk(given.Get(key), nil, 0)
			}
		}
	}
}

// maxNested bounds how deep tasks are looked for.
const maxNested = 200

// below are the values in a value, down to a depth.
func below(n *edit.Node, depth int) (out []*edit.Node) {
	if n == nil || depth == 0 || n.Get("definition") != nil {
		return nil
	}
	for _, e := range n.All() {
		out = append(append(out, e.Value), below(e.Value, depth-1)...)
	}
	return out
}

// placeOf is the place of a value that is written in the text.
func (d *document) placeOf(n *edit.Node) diag.Position { return d.position(d.offset + n.Offset()) }

func (s *subject) typed() string {
	if s == nil {
		return ""
	}
	return s.kind
}

// object rewrites one object if it has to change and can.
func (d *document) object(s *subject, list *subject) {
	api, ok := d.table.Find(lifecycle.ParseGVK(s.apiVersion, s.kind))
	if !ok || !api.DeprecatedAt(d.target) {
		return
	}
	s.api = api
	d.handled(s)
	if d.leave != nil && d.leaves(d.placeOf(s.version)) {
		return
	}
	s.original = s.Node.Clone()
	err := d.apply(s, list)
	if err == nil {
		err = d.shared()
	}
	if err != nil {
		*s.Node = *s.original
		d.refuseSubject(s, err)
		return
	}
	d.changes = append(d.changes, s)
}

// shared refuses a change to a value that an alias repeats elsewhere.
func (d *document) shared() error {
	if n := d.Repeated(); n != nil {
		return refuse(n, "the anchor &%s repeats a value that has to change elsewhere; write it out", n.Anchor)
	}
	return nil
}

// apply runs the rule of an API on an object.
func (d *document) apply(s *subject, list *subject) error {
	if s.api.Replacement.Kind == "" {
		return refuse(s.version, "%s", s.api.RewriteReason)
	}
	if to, ok := d.table.Find(s.api.Replacement); ok && to.RemovedAt(d.target) {
		return refuse(s.version, "%s, which replaces it, is gone from %s too", s.api.Replacement.APIVersion(), d.target)
	}
	if err := checkTree(s.Node); err != nil {
		return err
	}
	run, reason := rule(s.api)
	if run == nil {
		return refuse(s.version, "%s", reason)
	}
	if s.version.Kind != edit.Scalar || s.version.New {
		return refuse(s.version, "its apiVersion is an alias; write it out")
	}
	if err := run(s); err != nil {
		return err
	}
	if list == nil || s.version != list.version {
		s.version.Set(s.api.Replacement.APIVersion())
	}
	return nil
}

// checkTree refuses what would make the rules guess: keys written twice.
func checkTree(n *edit.Node) error {
	seen := map[string]bool{}
	for _, e := range n.All() {
		if e.Key != nil {
			if seen[e.Key.Value] && e.Key.Tag != "!!merge" {
				return refuse(e.Key, "%q is written twice in one object; take one out", e.Key.Value)
			}
			seen[e.Key.Value] = true
		}
		if err := checkTree(e.Value); err != nil {
			return err
		}
	}
	return nil
}

// list rewrites the apiVersion of a typed list when all of its items go to one API.
func (d *document) list(s *subject, items *edit.Node) {
	kind, typed := strings.CutSuffix(s.kind, "List")
	api, ok := d.table.Find(lifecycle.ParseGVK(s.apiVersion, kind))
	if !typed || kind == "" || !ok || !api.DeprecatedAt(d.target) || s.version.Kind != edit.Scalar {
		return
	}
	n := 0
	for _, c := range d.changes {
		if c.apiVersion == s.apiVersion && c.kind == kind && within(items, c.Node) {
			n++
		}
	}
	if n == len(items.Items) {
		s.version.Set(api.Replacement.APIVersion())
		return
	}
	// One item that stays keeps the others that leave out their apiVersion.
	for i := len(d.changes) - 1; i >= 0; i-- {
		if c := d.changes[i]; c.version == s.version {
			d.changes = append(d.changes[:i:i], d.changes[i+1:]...)
			d.refuseSubject(c, refuse(c.version, "it takes its apiVersion from a list of which other items cannot be rewritten"))
			*c.Node = *c.original
		}
	}
}

func within(items, n *edit.Node) bool {
	for _, v := range items.List() {
		if v == n {
			return true
		}
	}
	return false
}

// refuseSubject reports that an object is left as it is.
func (d *document) refuseSubject(s *subject, err error) {
	at := s.version
	var r *refusal
	if errors.As(err, &r) && r.at != nil && !r.at.New {
		at = r.at
	}
	where := diag.Position{}
	if at != nil && !at.New {
		where = d.placeOf(at)
	}
	d.refuse(where, s.api, s.name, err.Error())
}

// giveUp refuses all objects of a document that would have changed.
func (d *document) giveUp(err error) {
	for _, s := range d.changes {
		d.refuseSubject(s, err)
	}
	d.changes = nil
	d.giveUpReferences(err)
}

// keep reports the objects that changed.
func (d *document) keep() {
	d.keepReferences()
	for _, s := range d.changes {
		to, _ := d.table.Find(s.api.Replacement)
		at := d.placeOf(s.version)
		slices.Sort(s.notes)
		s.notes = append([]string{}, slices.Compact(s.notes)...)
		d.result.Changes = append(d.result.Changes, Change{Position: at, APIVersion: s.apiVersion, Kind: s.kind, Namespace: s.namespace,
			Name: s.name, To: s.api.Replacement.APIVersion(), ServedSince: to.Introduced, Notes: s.notes})
		for _, n := range s.notes {
			d.result.Findings = append(d.result.Findings, diag.Finding{ID: Note, Severity: diag.Info, Position: at,
				Message: describe(s.api, s.name) + ": " + n})
		}
	}
}
