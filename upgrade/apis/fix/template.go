package fix

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
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
	case !known || !api.DeprecatedAt(f.target) || f.leaves(at):
	case chooses.Match(src):
		f.tell(at, api, "it asks for the version of the cluster, so that it may choose another one by itself")
		return src
	case api.Rewrite == lifecycle.Never:
		f.tell(at, api, api.RewriteReason)
		return src
	default:
		changed, notes, reason := f.instead(api, src, version)
		if reason != "" {
			f.tell(at, api, reason)
			return src
		}
		src = changed
		f.noteTemplate(at, api, notes)
		change := Change{Position: at, APIVersion: api.APIVersion(), Kind: api.Kind, To: api.Replacement.APIVersion(), Template: true,
			Notes: append(notes, "changed as the text of a template: render it to see what it makes")}
		if to, ok := f.table.Find(api.Replacement); ok {
			change.ServedSince = to.Introduced
		}
		f.result.Changes = append(f.result.Changes, change)
	}
	f.result.Known = append(f.result.Known, Lines{line, line + bytes.Count(src, []byte("\n"))})
	return src
}

// noteTemplate tells what one should know of an object that was rewritten in a template.
func (f *file) noteTemplate(at diag.Position, api lifecycle.API, notes []string) {
	at.File = f.name
	for _, n := range notes {
		f.result.Findings = append(f.result.Findings, diag.Finding{ID: Note, Severity: diag.Info, Position: at,
			Message: fmt.Sprintf("%s in a template: %s", api.GVK, n)})
	}
}

// instead is the text of an object in a template with the API that replaces its own, where all of its fields stay or what changes is
// plain to see; else the reason why it is left as it is.
func (f *file) instead(api lifecycle.API, src []byte, version []int) (changed []byte, notes []string, reason string) {
	if to, known := f.table.Find(api.Replacement); known && to.RemovedAt(f.target) {
		return src, nil, api.Replacement.APIVersion() + ", which replaces it, is gone from " + f.target.String() + " too"
	}
	changed = append(append(append([]byte{}, src[:version[4]]...), api.Replacement.APIVersion()...), src[version[5]:]...)
	if api.Rewrite == lifecycle.Same {
		return changed, nil, ""
	}
	var note string
	if api.Kind == "HorizontalPodAutoscaler" && api.Version == "v2beta1" {
		changed, reason = metrics(changed)
	} else {
		note, reason = visible(api, src, version[4])
	}
	switch api.Kind {
	case "Ingress":
		if text, more, ok := ingressTemplate(changed); ok {
			return text, more, ""
		}
	case "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet":
		if text, more, ok := workloadTemplate(api, changed); ok && reason != "" {
			_, reason = visible(api, text, version[4])
			return text, more, reason
		}
	}
	if note != "" {
		notes = []string{note}
	}
	return changed, notes, reason
}

// choosing tells of the old versions in a template that names more than one, or one that is computed.
func (f *file) choosing(src []byte, found [][]int, offset int) {
	for _, m := range found {
		if src[m[2]] != 'a' {
			continue
		}
		for _, k := range found {
			api, known := f.table.Find(lifecycle.ParseGVK(string(src[m[4]:m[5]]), string(src[k[4]:k[5]])))
			if at := f.position(offset + m[4]); src[k[2]] == 'k' && known && api.DeprecatedAt(f.target) && !f.leaves(at) {
				f.tell(at, api, "the template chooses between versions, or has several objects without a \"---\" between them")
				break
			}
		}
	}
}

// tell says why an object of a template is left as it is.
func (f *file) tell(at diag.Position, api lifecycle.API, why string) {
	at.File = f.name
	severity := diag.Warning
	if api.RemovedAt(f.target) {
		severity = diag.Error
	}
	f.result.Findings = append(f.result.Findings, diag.Finding{ID: Template, Severity: severity, Position: at,
		Message: fmt.Sprintf("%s in a template is left as it is: %s", api.GVK, why)})
}

// Reached takes what a chart makes of a template into account: what it does not make at the target does not matter, what no values lead
// to is a warning, and what it makes by other means than text is told.
func (r *Result) Reached(made []object.Object, table *lifecycle.Table, target upgrade.Minor) {
	byLine := map[int]object.Object{}
	for _, o := range made {
		if before, ok := byLine[o.Line]; !ok || before.Unreached != "" {
			byLine[o.Line] = o
		}
	}
	told := map[int]bool{}
	for _, c := range r.Changes {
		told[c.Line] = true
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f diag.Finding) bool {
		_, reached := byLine[f.Line]
		told[f.Line] = true
		return f.ID == Template && !reached
	})
	for i, f := range r.Findings {
		if f.ID == Template && byLine[f.Line].Unreached != "" {
			r.Findings[i].Severity = diag.Warning
		}
	}
	for _, o := range made {
		api, ok := table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind))
		if !ok || !api.DeprecatedAt(target) || told[o.Line] {
			continue
		}
		told[o.Line] = true
		f := diag.Finding{ID: Template, Severity: diag.Warning, Position: o.Position,
			Message: api.GVK.String() + " is left as it is: its apiVersion is no text in the template, which chooses it by other means"}
		if api.RemovedAt(target) && o.Unreached == "" {
			f.Severity = diag.Error
		}
		r.Findings = append(r.Findings, f)
	}
	diag.Sort(r.Findings)
}
