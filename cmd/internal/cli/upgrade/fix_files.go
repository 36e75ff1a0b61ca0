package upgrade

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/scan"
)

// fixedFile is one file before and after.
type fixedFile struct {
	name string
	old  []byte
	fix.Result
}

// fixedFiles are the files that hold an object to rewrite, and what the reader saw on the way.
type fixedFiles struct {
	seen     apis.Files
	files    []fixedFile
	accepted *scan.Acceptance
	about    []diag.Finding // what nothing accepts: about paths that are left out, and comments
	said     []diag.Finding
	hidden   []diag.Finding
}

// files reads the paths and rewrites, in memory, each file that holds an object to rewrite.
func (f *fixing) files(ctx context.Context, paths []string) (fixedFiles, error) {
	if f.write && slices.Contains(paths, app.StdinArg) {
		return fixedFiles{}, app.Usage("--write cannot change standard input")
	}
	names, problems := f.app.Expand(paths)
	seen, stdin, err := f.read(ctx, names)
	if err != nil {
		return fixedFiles{}, err
	}
	seen.Findings = append(seen.Findings, problems...)
	target := f.tree.Target
	references := scan.References(seen.References, f.table, target)
	found := slices.Concat(scan.Find(seen.Objects, f.table, target), references)
	out := fixedFiles{seen: seen}
	out.accepted, out.about = f.tree.Accepting(found, scan.Plain(seen.Findings))
	out.about = append(out.about, f.tree.LeftOut(names)...)
	left := leftAlone(out.accepted, found)
	files, made := toFix(&out.seen, references, left)
	by := fix.Rewriter{Table: f.table, Target: target, Leave: left.takes}
	for name, objects := range files {
		in := app.Input{Name: app.StdinName, Data: stdin}
		if name != app.StdinName {
			if in, err = f.app.Read(name); err != nil {
				return out, err
			}
		}
		result := by.File(in.Name, in.Data, objects)
		if made[name] != nil {
			result.Reached(made[name], f.table, target)
		}
		tellLeft(&result, name, references, left)
		out.take(fixedFile{in.Name, in.Data, result})
	}
	slices.SortFunc(out.files, func(a, b fixedFile) int { return cmp.Compare(a.name, b.name) })
	out.seen.Findings = f.app.Settle(out.seen.Findings)
	return out, nil
}

// read reads what the names stand for; stdin is standard input where it is among them.
func (f *fixing) read(ctx context.Context, names []string) (seen apis.Files, stdin []byte, err error) {
	open := f.app.OpenAny
	if f.write {
		open = f.app.OpenToChange
	}
	want := func(apiVersion, kind []byte) bool {
		return f.table.Fading(apiVersion, kind) || scan.Placeholder(string(apiVersion), string(kind))
	}
	to := []helm.Target{{Version: f.tree.Target, APIs: f.table.Served(f.tree.Target), Known: f.table.Known}}
	env := f.app.Env
	once := func(name string) (fs.File, error) {
		if name != app.StdinArg {
			return open(name)
		}
		data, err := io.ReadAll(env.Stdin)
		stdin = data
		return app.StdinFile{Reader: bytes.NewReader(data)}, err
	}
	r := apis.Reader{Want: want, Skip: f.tree.Skips(), Refer: true, Targets: to, Real: env.Real, Quiet: env.Quiet, Open: once}
	seen, err = r.Read(ctx, names)
	for _, unknown := range scan.Served(seen.Objects, f.table, f.tree.Target) {
		if unknown.ID == read.Template {
			seen.Findings = append(seen.Findings, unknown.Finding)
		}
	}
	return seen, stdin, err
}

// alone is lines of files in which what a scan finds is accepted, so that it stays.
type alone map[diag.Position]bool

// leftAlone are the lines with findings that are all accepted.
func leftAlone(accepted *scan.Acceptance, found []scan.Finding) alone {
	out := alone{}
	for _, f := range found {
		if len(accepted.Left([]scan.Finding{f})[0]) == 0 {
			out[diag.Position{File: f.File, Line: f.Line}] = true
		}
	}
	return out
}

func (a alone) takes(at diag.Position) bool { return a[diag.Position{File: at.File, Line: at.Line}] }

// toFix are the files with objects to rewrite, and those with a template whose text may have one; made is what charts make of templates.
// What is left alone is not among them.
func toFix(seen *apis.Files, references []scan.Finding, left alone) (files, made map[string][]object.Object) {
	files, made = map[string][]object.Object{}, map[string][]object.Object{}
	for _, o := range seen.Objects {
		switch packed := strings.Contains(o.File, ".tgz/"); {
		case left.takes(o.Position), scan.Placeholder(o.APIVersion, o.Kind):
		case packed:
			seen.Findings = append(seen.Findings, diag.Finding{ID: fix.Refused, Severity: diag.Warning, Position: o.Position,
				Message: fmt.Sprintf("%s %s %q is left as it is: it is in a packed chart; change the chart that it was packed from",
					o.APIVersion, o.Kind, o.Name)})
		case o.Source == object.File:
			files[o.File] = append(files[o.File], o)
		case o.Source == object.Helm && o.Line > 0:
			made[o.File] = append(made[o.File], o)
		}
	}
	also := func(name string) {
		if _, known := files[name]; !known && !strings.Contains(name, ".tgz/") {
			files[name] = nil
		}
	}
	for name := range made {
		also(name)
	}
	for _, r := range references {
		if r.Source == object.File {
			also(r.File)
		}
	}
	for _, f := range seen.Findings {
		if f.ID == read.Template {
			also(f.File)
		}
	}
	return files, made
}

// tellLeft says of each reference in a file that is neither rewritten nor refused why it is left as it is.
func tellLeft(result *fix.Result, name string, references []scan.Finding, left alone) {
	told := map[[2]int]bool{}
	for _, c := range result.Changes {
		told[[2]int{c.Line, c.Column}] = true
	}
	for _, f := range result.Findings {
		told[[2]int{f.Line, f.Column}] = true
	}
	for _, r := range references {
		if r.File != name || r.Source != object.File || r.Severity == diag.Info || told[[2]int{r.Line, r.Column}] || left.takes(r.Position) {
			continue
		}
		why := "its text is laid out in a way that fix does not rewrite; write it out"
		switch {
		case r.ID == scan.ReferenceOwner:
			why = "owners are written by the controller that makes the object; change that"
		case r.Replacement == nil:
			why = "nothing replaces it; take it out"
		case r.Replacement.Kind != r.Kind:
			why = "another kind replaces it; name what is meant"
		case r.ID != scan.ReferenceScale:
			why = "the rule names more than what one other API replaces; write a rule of its own for it"
		}
		result.Findings = append(result.Findings, diag.Finding{ID: fix.Refused, Severity: r.Severity, Position: r.Position,
			Message: r.Message + "; it is left as it is: " + why})
	}
	diag.Sort(result.Findings)
}

// take adds a file. A template of which all that has to change was found is none to complain of.
func (f *fixedFiles) take(file fixedFile) {
	f.files = append(f.files, file)
	if len(file.Known) == 0 {
		return
	}
	f.seen.Findings = slices.DeleteFunc(f.seen.Findings, func(d diag.Finding) bool {
		return d.ID == read.Template && d.File == file.name && slices.ContainsFunc(file.Known, func(l fix.Lines) bool {
			return l.First <= d.Line && d.Line <= l.Last
		})
	})
}

// write changes the files, through links within the folders that were named.
func (f fixedFiles) write(a *app.App) error {
	files := map[string][]byte{}
	for _, file := range f.files {
		if len(file.Changes) > 0 {
			if err := a.Stays(file.name); err != nil {
				return fmt.Errorf("nothing is written: %s: %w; name that file itself to change it", file.name, err)
			}
			files[file.name] = file.Text
		}
	}
	return a.WriteFiles(files)
}
