package changes

import (
	"context"
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/lint"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
)

// used are the places at which files use something, by the kind and the name of a change.
type used map[[2]string][]string

func (u used) add(kind, name, place string) {
	if key := [2]string{kind, name}; !slices.Contains(u[key], place) {
		u[key] = append(u[key], place)
	}
}

// of are the places of what a change is about.
func (u used) of(c upgrade.Change) []string { return u[[2]string{c.Kind, c.Name}] }

// uses finds what files use: APIs, and flags and gates of components, by the objects in them, and metrics, by rules and dashboards.
func uses(ctx context.Context, a *app.App, t tables, paths []string) (used, []diag.Finding, error) {
	names, problems := a.Expand(paths)
	r := apis.Reader{Open: a.OpenAny, Setup: true}
	seen, err := r.Read(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	out := used{}
	for _, o := range seen.Objects {
		name := lifecycle.ParseGVK(o.APIVersion, o.Kind).String()
		out.add("api", name, o.Position.String())
		out.add("config", name, o.Position.String())
	}
	for _, s := range seen.Setup {
		if place := s.Object.Position.String(); s.Flag != "" {
			out.add("flag", s.Component+" --"+s.Flag, place)
		} else {
			out.add("gate", s.Gate.Name, place)
		}
	}
	files, unread := a.ReadAll(paths, ".yaml", ".yml", ".json")
	var found []rules.File
	var queries []lint.Query
	for _, in := range files {
		fs, _ := rules.Read(in.Name, in.Data) // what is no rule file is read above, or is said there not to be
		boards, _ := lint.Dashboards(in.Name, in.Data)
		found, queries = append(found, fs...), append(queries, boards...)
	}
	more, recorded := lint.Rules(found)
	for name, places := range t.metrics.Reads(append(more, queries...), recorded) {
		for _, p := range places {
			out.add("metric", name, p)
		}
	}
	if len(more)+len(queries) > 0 { // what holds rules alone holds no objects, and need not
		seen.Findings = slices.DeleteFunc(seen.Findings, func(f diag.Finding) bool { return f.ID == read.Nothing })
	}
	return out, diag.Sort(slices.Concat(problems, unread, seen.Findings)), nil
}
