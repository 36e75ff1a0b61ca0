package input

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/internal/git"
	"treadmill/internal/glob"
	"treadmill/rules"
)

// Revision is what the arguments of a command named when the work that is checked out began.
type Revision struct {
	Name   string // as the user wrote it
	Common bool   // it is the commit at which the work left the revision, and not the revision itself
	Rules  []rules.File
	// Findings are problems in the files as they were.
	Findings []diag.Finding
	Left     []string // the arguments that are there now: the others named what is gone
	// Texts are the files as they were, by the names that Findings have.
	Texts map[string][]byte
}

// RulesAt reads every rule that the arguments named when the work that is checked out left the history of a revision. The files have the
// names that they have, or would have, in the work tree.
func RulesAt(ctx context.Context, a *app.App, revision string, args []string) (Revision, error) {
	out := Revision{Name: revision}
	repo, err := git.Open(ctx, folderAt(a, args[0]))
	if err != nil {
		return out, err
	}
	commit, common, err := repo.Base(ctx, revision)
	if errors.Is(err, git.ErrUnknown) {
		return out, app.Usage("--base: %w, such as by `git fetch origin %s`", err, drift.Quoted(revision))
	}
	if err != nil {
		return out, err
	}
	out.Common = common
	files, err := repo.Files(ctx, commit)
	if err != nil {
		return out, err
	}
	t := tree{root: repo.Root, here: here(), files: files}
	for _, arg := range args {
		found, err := t.named(arg)
		if err != nil {
			return out, err
		}
		now, _ := a.Expand([]string{arg}) // what cannot be listed is said when it is read
		if len(found) == 0 || slices.ContainsFunc(now, func(name string) bool { return exists(a, name) }) {
			out.Left = append(out.Left, arg)
		}
		t.wanted = append(t.wanted, found...)
	}
	inputs, err := t.read(ctx, repo)
	if err != nil {
		return out, err
	}
	out.Texts = map[string][]byte{}
	for _, in := range inputs {
		out.Texts[in.Name] = in.Data
	}
	out.Rules, out.Findings, _ = rulesIn(inputs, nil, "without rules", func(app.Input) bool { return false })
	out.Findings = slices.DeleteFunc(out.Findings, func(f diag.Finding) bool {
		return f.ID == rules.FindingNotRules || f.Severity < diag.Warning
	})
	return out, nil
}

// folderAt is the folder of the first argument, or the nearest one above it that is there.
func folderAt(a *app.App, arg string) string {
	for at := filepath.Clean(arg); ; at = filepath.Dir(at) {
		if entries, err := a.Folder(at); err == nil && entries != nil {
			return at
		}
		if at == filepath.Dir(at) {
			return "."
		}
	}
}

// tree is the files of a revision, and those of them that are wanted.
type tree struct {
	root   string
	here   string // the folder that relative names count from; "" where it is not known
	files  []git.File
	wanted []wanted
}

type wanted struct {
	git.File
	name, folder string // as app.Input has them
}

// named are the files that an argument names: a file, a folder, or a pattern of them.
func (t tree) named(arg string) ([]wanted, error) {
	if arg == app.StdinArg {
		return nil, app.Usage("--base compares files of a repository: - is none")
	}
	inside, err := t.inside(arg)
	if err != nil {
		return nil, err
	}
	var out []wanted
	for _, f := range t.files {
		rel, within := relative(inside, f.Name)
		if !within && f.Name != inside && !glob.Path(inside, f.Name) || within && !walked(rel) {
			continue
		}
		w := wanted{File: f, name: t.outside(arg, f.Name)}
		if within {
			w.folder = arg
		}
		out = append(out, w)
	}
	return out, nil
}

// relative is the name of a file from a folder on, where the folder has a name, or matches a pattern.
func relative(folder, name string) (rel string, within bool) {
	for at := path.Dir(name); ; at = path.Dir(at) {
		if at == folder || glob.Path(folder, at) {
			return strings.TrimPrefix(name, at+"/"), true
		}
		if at == "." {
			return "", false
		}
	}
}

// walked reports whether a walk through a folder reads a file of it.
func walked(rel string) bool {
	hidden := slices.ContainsFunc(strings.Split(rel, "/"), func(part string) bool { return strings.HasPrefix(part, ".") })
	return !hidden && slices.Contains(ruleExtensions(), path.Ext(rel))
}

// inside is the name of an argument from the root of the repository on.
func (t tree) inside(arg string) (string, error) {
	abs, err := filepath.Abs(arg)
	if err != nil {
		return "", err
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(folder, filepath.Base(abs))
	}
	rel, ok := glob.Below(t.root, abs)
	if !ok {
		return "", app.Usage("%s lies outside of the repository %s, so --base does not know what it was", arg, t.root)
	}
	return rel, nil
}

// outside is the name that a file has for whoever reads the argument that names it.
func (t tree) outside(arg, name string) string {
	abs := filepath.Join(t.root, filepath.FromSlash(name))
	if filepath.IsAbs(arg) || t.here == "" {
		return abs
	}
	rel, err := filepath.Rel(t.here, abs)
	if err != nil {
		return abs
	}
	return rel
}

// here is the folder that relative names count from, with all links followed; "" where it is not known.
func here() string {
	name, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	if end, err := filepath.EvalSymlinks(name); err == nil {
		return end
	}
	return name
}

// maxLinks bounds how many links in a row are followed.
const maxLinks = 8

// read gives the contents of what is wanted. Links are followed within the revision.
func (t tree) read(ctx context.Context, repo git.Repo) ([]app.Input, error) {
	byName := map[string]git.File{}
	for _, f := range t.files {
		byName[f.Name] = f
	}
	var out []app.Input
	todo := t.wanted
	for range maxLinks {
		files := make([]git.File, len(todo))
		for i := range todo {
			files[i] = todo[i].File
		}
		contents, err := repo.Read(ctx, files)
		if err != nil {
			return nil, err
		}
		var links []wanted
		for i, w := range todo {
			end, known := byName[w.Target(contents[i])]
			switch {
			case !w.Link:
				out = append(out, app.Input{Name: w.name, Folder: w.folder, Data: contents[i]})
			case known:
				links = append(links, wanted{File: end, name: w.name, folder: w.folder})
			}
		}
		if todo = links; len(todo) == 0 {
			break
		}
	}
	slices.SortStableFunc(out, func(x, y app.Input) int { return strings.Compare(x.Name, y.Name) })
	return out, nil
}
