// Package fix rewrites manifests that use deprecated or removed APIs to the API that replaces them.
//
// The way through it: File(name, bytes, table, target) → documents → nodes that know their places in the text → a rule
// for the API → the text written anew, copying whatever the rule did not touch → both sides decoded and compared →
// Result. It rewrites an object only where the new one means the same, or where a note says what differs; else it
// refuses and says what to do. It opens no files, sees no cluster and does not know the schemas of custom resources.
package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// The IDs of findings.
const (
	Refused = "fix/refused" // the object is left as it is
	Note    = "fix/note"    // what one should know of an object that was rewritten
)

// Change is one object that was rewritten. Its position is that of the value of apiVersion.
type Change struct {
	diag.Position
	APIVersion  string        `json:"apiVersion"`
	Kind        string        `json:"kind"`
	Namespace   string        `json:"namespace"`
	Name        string        `json:"name"`
	To          string        `json:"to"`          // the new apiVersion
	ServedSince upgrade.Minor `json:"servedSince"` // the first Kubernetes minor that takes the new one
	Notes       []string      `json:"notes"`
	Template    bool          `json:"template,omitempty"` // it stands in an unrendered template, which was changed as text
}

// Result is a file after the rewriting. Text is the same as the input where nothing could be done.
type Result struct {
	Text     []byte
	Changes  []Change
	Findings []diag.Finding
	Known    []Lines // documents of templates in which all that has to change was found
}

// Rewriter is what files are rewritten by.
type Rewriter struct {
	Table  *lifecycle.Table
	Target upgrade.Minor
	Leave  func(at diag.Position) bool // takes the API versions that are to stay as they are; nil for none
}

// File rewrites the objects of one file whose API is deprecated or gone at the target.
func File(name string, data []byte, seen []object.Object, table *lifecycle.Table, target upgrade.Minor) Result {
	return Rewriter{Table: table, Target: target}.File(name, data, seen)
}

// File rewrites the objects of one file whose API is deprecated or gone at the target. seen are the objects that
// package read found in the file: each of them that has to change is rewritten or refused, never passed over.
func (r Rewriter) File(name string, data []byte, seen []object.Object) Result {
	f := &file{
		name:   name,
		data:   data,
		table:  r.Table,
		target: r.Target,
		leave:  r.Leave,
		done:   map[string]int{},
		result: Result{Changes: []Change{}, Findings: []diag.Finding{}},
	}
	f.documents()
	f.missing(seen)
	diag.Sort(f.result.Findings)
	slices.SortStableFunc(
		f.result.Changes,
		func(a, b Change) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) },
	)
	return f.result
}

// file is one file being rewritten.
type file struct {
	name   string
	data   []byte
	table  *lifecycle.Table
	target upgrade.Minor
	leave  func(at diag.Position) bool
	result Result
	done   map[string]int // objects that were rewritten or refused
}

func objectKey(apiVersion, kind, namespace, name string) string {
	return apiVersion + "\x00" + kind + "\x00" + namespace + "\x00" + name
}

// handled notes that an object was rewritten or refused.
func (f *file) handled(o *subject) {
	f.done[objectKey(o.apiVersion, o.kind, o.namespace, o.name)]++
}

// missing refuses the objects that were seen and that no rule got to.
func (f *file) missing(seen []object.Object) {
	for _, o := range seen {
		key := objectKey(o.APIVersion, o.Kind, o.Namespace, o.Name)
		if api, ok := f.table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind)); !ok || !api.DeprecatedAt(f.target) {
			continue
		} else if f.done[key]--; f.done[key] < 0 && !f.leaves(o.Position) {
			f.refuse(o.Position, api, o.Name, f.layout())
		}
	}
}

// leaves reports whether what stands at a place is to stay as it is.
func (f *file) leaves(at diag.Position) bool {
	at.File = f.name
	return f.leave != nil && f.leave(at)
}

// layout says why an object was not found in the text again.
func (f *file) layout() string {
	switch {
	case read.IsTerraform(f.name):
		return "it stands in a file of Terraform, which fix does not rewrite; change it there"
	case bytes.HasPrefix(f.data, []byte("\xff\xfe")), bytes.HasPrefix(f.data, []byte("\xfe\xff")), bytes.IndexByte(f.data, 0) >= 0:
		return "the file is in UTF-16, in which fix writes nothing; save it as UTF-8"
	case !bytes.Contains(f.data, []byte("\n")) && bytes.Contains(f.data, []byte("\r")):
		return "the lines of the file end in carriage returns alone; save it with line feeds"
	case len(f.data) > maxDocument:
		return fmt.Sprintf("its document is larger than %d MiB; split the file", maxDocument>>20)
	}
	return "its text is laid out in a way that fix does not rewrite, such as an apiVersion that comes from an alias, a merge or a text in " +
		"another object; write it out"
}

// refuse says why an object is left as it is.
func (f *file) refuse(at diag.Position, api lifecycle.API, name, why string) {
	at.File = f.name
	severity := diag.Warning
	if api.RemovedAt(f.target) {
		severity = diag.Error
	}
	f.result.Findings = append(f.result.Findings, diag.Finding{ID: Refused, Severity: severity, Position: at,
		Message: fmt.Sprintf("%s is left as it is: %s", describe(api, name), why)})
}

func describe(api lifecycle.API, name string) string {
	if name == "" {
		return api.GVK.String()
	}
	return fmt.Sprintf("%s %q", api.GVK, name)
}

// position is the place of an offset in the file.
func (f *file) position(at int) diag.Position { return diag.Place(f.name, f.data, at) }
