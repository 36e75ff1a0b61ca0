package fix

import (
	"bytes"
	"fmt"
	"regexp"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/lifecycle"
)

// Template is the ID of a finding about an object in an unrendered template that is left as it is.
const Template = "fix/template"

// Lines are the first and the last line of a part of a file.
type Lines struct{ First, Last int }

var (
	written = regexp.MustCompile(`(?m)^(apiVersion|kind):[ \t]+["']?([A-Za-z0-9][A-Za-z0-9./-]*)["']?[ \t]*(?:#.*)?\r?$`)
	naming  = regexp.MustCompile(`(?m)^apiVersion:`)
	chooses = regexp.MustCompile(`\.Capabilities|semverCompare|kubeVersion|KubeVersion`)
)

// template rewrites one document of an unrendered template, of which only the text is known: the version of an object whose
// fields all stay, where apiVersion and kind are written out in the first column, once each. All else is left alone and told.
func (f *file) template(src []byte, offset, line int) []byte {
	found := written.FindAllSubmatchIndex(src, -1)
	var version, kind []int
	versions, kinds := 0, 0
	for _, m := range found {
		if src[m[2]] == 'a' {
			version = m
			versions++
		} else {
			kind = m
			kinds++
		}
	}
	all := len(naming.FindAll(src, -1))
	if all == 0 || versions == 0 {
		return src
	}
	if versions != all || versions > 1 || kinds != 1 {
		f.choosing(src, found, offset)
		return src
	}
	api, known := f.table.Find(lifecycle.ParseGVK(string(src[version[4]:version[5]]), string(src[kind[4]:kind[5]])))
	at := f.position(offset + version[4])
	switch {
	case !known || !api.DeprecatedAt(f.target):
	case chooses.Match(src):
		f.leave(at, api, "it asks for the version of the cluster, so that it may choose another one by itself")
		return src
	case api.Rewrite == lifecycle.Never:
		f.leave(at, api, api.RewriteReason)
		return src
	case api.Rewrite != lifecycle.Same:
		f.leave(at, api, "more than its version has to change ("+api.RewriteReason+"), which takes the rendered object")
		return src
	default:
		change := Change{Position: at, APIVersion: api.APIVersion(), Kind: api.Kind, To: api.Replacement.APIVersion(), Template: true,
			Notes: []string{"changed as the text of a template: render it to see what it makes"}}
		if to, ok := f.table.Find(api.Replacement); ok {
			change.ServedSince = to.Introduced
		}
		f.result.Changes = append(f.result.Changes, change)
		src = append(append(append([]byte{}, src[:version[4]]...), change.To...), src[version[5]:]...)
	}
	f.result.Known = append(f.result.Known, Lines{line, line + bytes.Count(src, []byte("\n"))})
	return src
}

// choosing tells of the old versions in a template that names more than one, or one that is computed.
func (f *file) choosing(src []byte, found [][]int, offset int) {
	for _, m := range found {
		if src[m[2]] != 'a' {
			continue
		}
		for _, k := range found {
			api, known := f.table.Find(lifecycle.ParseGVK(string(src[m[4]:m[5]]), string(src[k[4]:k[5]])))
			if src[k[2]] == 'k' && known && api.DeprecatedAt(f.target) {
				f.leave(f.position(offset+m[4]), api, "the template chooses between versions, or has several objects without a \"---\" between them")
				break
			}
		}
	}
}

// leave says why an object of a template is left as it is.
func (f *file) leave(at diag.Position, api lifecycle.API, why string) {
	at.File = f.name
	severity := diag.Warning
	if api.RemovedAt(f.target) {
		severity = diag.Error
	}
	f.result.Findings = append(f.result.Findings, diag.Finding{ID: Template, Severity: severity, Position: at,
		Message: fmt.Sprintf("%s in a template is left as it is: %s", api.GVK, why)})
}
