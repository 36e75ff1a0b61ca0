package read

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
)

const templateMessage = "a template is not a manifest: render it (such as by helm template) and scan what comes out"

// Templates makes one finding of the documents of a file that are templates.
type Templates struct {
	first   diag.Finding
	count   int
	names   []string // API versions that their texts name
	unnamed bool     // and they have others
}

// Add takes what was found of a document, if it is a template.
func (t *Templates) Add(f diag.Finding, doc []byte) bool {
	if f.ID != Template {
		return false
	}
	if t.count++; t.count == 1 {
		t.first = f
	}
	names, all := apiVersions(doc)
	t.names, t.unnamed = append(t.names, names...), t.unnamed || !all
	return true
}

// Finding is what is said of the file; ok is false when it has no template. Where the templates name every API that they have, of which
// nothing goes, there is nothing to change in them, whatever is filled in.
func (t *Templates) Finding(want func(apiVersion, kind []byte) bool) (f diag.Finding, ok bool) {
	f = t.first
	slices.Sort(t.names)
	names := slices.Compact(t.names)
	if len(names) > 0 {
		f.Message += "; its text names " + strings.Join(names[:min(len(names), maxNames)], ", ")
	}
	gone := func(name string) bool { return want == nil || want([]byte(name), nil) }
	if len(names) > 0 && !t.unnamed && !slices.ContainsFunc(names, gone) {
		f.Severity, f.Message = diag.Warning, f.Message+", of which nothing goes"
	}
	if t.count > 1 {
		f.Message += fmt.Sprintf(" (the first of %d such documents)", t.count)
	}
	return f, t.count > 0
}

// maxNames bounds the API versions that a message names.
const maxNames = 10

// apiVersions lists the API versions that the text of a template names; all is false when some are still to be filled in, or stand where
// they are not looked for. A key without a value, as in the schema of a definition, names nothing.
func apiVersions(doc []byte) (names []string, all bool) {
	all = true
	for line := range bytes.Lines(doc) {
		for rest := line; ; {
			at := bytes.Index(rest, []byte("apiVersion"))
			if at < 0 {
				break
			}
			before := rest[:at]
			rest = rest[at+len("apiVersion"):]
			rest, _, _ = bytes.Cut(rest, []byte(" #"))
			value, ok := bytes.CutPrefix(bytes.TrimLeft(rest, `"' `), []byte(":"))
			if value = bytes.Trim(bytes.TrimSpace(value), `"'`); !ok || len(value) == 0 {
				continue
			}
			if len(bytes.Trim(before, " -")) > 0 || bytes.ContainsAny(value, "{}<%$ ") {
				all = false
				continue
			}
			names = append(names, string(value))
		}
	}
	return names, all
}
