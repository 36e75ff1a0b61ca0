// Package spec reads SLO specs of any dialect and tells the dialects apart.
//
// The way through it: bytes → strict.Documents → Read → []slo.SLO and findings. A document says by its apiVersion or
// version which dialect it speaks. The package knows the names of the dialects and nothing of what they say.
package spec

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/openslo"
	"treadmill/slo/pyrra"
	"treadmill/slo/slogen"
	"treadmill/slo/sloth"
)

// Read turns documents into SLOs in the order of their places. SLOs with errors are left out; two with one ID are an error.
// No document is kept after it was read.
func Read(docs iter.Seq[yamlx.Document]) ([]slo.SLO, []diag.Finding) {
	var out, sloths []slo.SLO
	var windows []sloth.Windows
	broken := false // windows that cannot be read leave no SLO of Sloth with a promise that is known
	var findings []diag.Finding
	slos, problems := openslo.Decode(func(yield func(yamlx.Document) bool) {
		for doc := range flatten(docs) {
			switch dialect(doc.Root) {
			case "openslo":
				if !yield(doc) {
					return
				}
			case "sloth":
				if sloth.IsWindows(doc.Root) {
					w, problems := sloth.DecodeWindows(doc)
					windows, findings = append(windows, w), append(findings, problems...)
					broken = broken || diag.Any(problems, diag.Error)
					continue
				}
				slos, problems := sloth.Decode(doc)
				written(slos, "sloth")
				sloths, findings = append(sloths, slos...), append(findings, placed(problems, doc)...)
			case "pyrra", "slogen":
				decode := pyrra.Decode
				if dialect(doc.Root) == "slogen" {
					decode = slogen.Decode
				}
				one, ok, problems := decode(doc)
				findings = append(findings, placed(problems, doc)...)
				if one.Dialect = dialect(doc.Root); ok {
					out = append(out, one)
				}
			default:
				findings = append(findings, unknown(doc))
			}
		}
	})
	written(slos, "openslo")
	out, findings = append(out, slos...), append(findings, problems...)
	if !broken {
		sloths, problems = sloth.Apply(sloths, windows)
		out, findings = append(out, sloths...), append(findings, problems...)
	}
	slices.SortStableFunc(out, func(a, b slo.SLO) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return once(housed(out, findings))
}

// written notes in which dialect SLOs are written.
func written(slos []slo.SLO, dialect string) {
	for i := range slos {
		slos[i].Dialect = dialect
	}
}

// placed gives problems of what is not written at all, such as an empty entry of a list, the place of their document.
func placed(findings []diag.Finding, doc yamlx.Document) []diag.Finding {
	for i, f := range findings {
		if f.Line == 0 {
			findings[i].Position = yamlx.Position(doc.File, doc.Root)
		}
	}
	return findings
}

// flatten makes documents of the items of a list: a sequence, or the List that kubectl get -o yaml writes.
func flatten(docs iter.Seq[yamlx.Document]) iter.Seq[yamlx.Document] {
	return func(yield func(yamlx.Document) bool) {
		for doc := range docs {
			items := []*yaml.Node{doc.Root}
			list := doc.Root
			if strings.HasSuffix(yamlx.Text(list, "kind"), "List") {
				list = yamlx.Child(list, "items")
			}
			if list != nil && list.Kind == yaml.SequenceNode {
				items = list.Content
			}
			for _, item := range items {
				if !yield(yamlx.Document{File: doc.File, Root: item, Source: doc.Source}) {
					return
				}
			}
		}
	}
}

func dialect(root *yaml.Node) string {
	switch v := yamlx.Text(root, "apiVersion"); {
	case v == openslo.V1 || v == openslo.V1Alpha || v == openslo.V2Alpha:
		return "openslo"
	case v == sloth.APIVersion || strings.HasPrefix(yamlx.Text(root, "version"), "prometheus/"):
		return "sloth"
	case v == pyrra.APIVersion:
		return "pyrra"
	case v == slogen.APIVersion:
		return "slogen"
	}
	return ""
}

func unknown(doc yamlx.Document) diag.Finding {
	return diag.Finding{ID: "spec/dialect", Severity: diag.Error, Position: yamlx.Position(doc.File, doc.Root),
		Message: "this is no SLO spec that is known; want apiVersion: openslo/v1, version: prometheus/v1 (Sloth), apiVersion: sloth.slok.dev/v1, apiVersion: pyrra.dev/v1alpha1 or apiVersion: sre.google.com/v2 (slo-generator)"}
}

// once reports SLOs whose ID is taken: their rules would write the same series. Nor may two have one file, which would hold the rules of
// one, or one name in a service, as nobody could tell their numbers apart.
func once(all []slo.SLO, findings []diag.Finding) ([]slo.SLO, []diag.Finding) {
	files, names := map[string]slo.SLO{}, map[[3]string]slo.SLO{}
	out := all[:0]
	for _, s := range all {
		file := strings.ToLower(s.File()) // as some disks do
		name := [3]string{s.Object.Namespace, s.Service, s.Name}
		message := ""
		if f, taken := files[file]; taken && s.ID == f.ID {
			message = "there are two SLOs " + s.ID + ", whose rules would write the same series; the first is in " + f.Pos.String() +
				": rename one, or give the objects their namespaces"
		} else if taken {
			message = "the rules of " + s.ID + " and of " + f.ID + ", in " + f.Pos.String() + ", would go to one file: rename one"
		} else if f, taken := names[name]; taken && s.Service != "" {
			message = "the service " + s.Service + " has two SLOs named " + s.Name + ", here as " + s.ID + " and in " + f.Pos.String() + " as " +
				f.ID + ", which dashboards and reports cannot tell apart: rename or remove one"
		}
		if message != "" {
			findings = append(findings, diag.Finding{ID: "spec/duplicate", Severity: diag.Error, Position: s.Pos, Message: message})
			continue
		}
		files[file], names[name] = s, s
		out = append(out, s)
	}
	return out, findings
}
