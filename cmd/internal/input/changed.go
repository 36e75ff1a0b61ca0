package input

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/cmd/internal/app"
	"treadmill/internal/changed"
	"treadmill/internal/diag"
	"treadmill/internal/git"
)

// Changed is the flag that keeps the findings on lines which a commit does not have.
type Changed struct {
	since string
	flag  *pflag.Flag
}

// Add adds the flag.
func (c *Changed) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.since, "changed-since", "",
		"REV: show only what is found on lines that differ from a commit of the Git repository, such as origin/main, or origin/main... for where the branch began")
	c.flag = cmd.Flags().Lookup("changed-since")
}

// Filter keeps the findings of changed lines. near names the files besides its own whose change counts for a finding; nil for none.
type Filter struct {
	Since string
	tree  *changed.Tree // nil keeps everything
	near  func(f diag.Finding) []string
}

// Filter reads what differs in the work tree that the first path lies in.
func (c *Changed) Filter(ctx context.Context, a *app.App, paths []string, near func(f diag.Finding) []string) (Filter, error) {
	f := Filter{Since: c.since, near: near}
	switch {
	case !c.flag.Changed:
		return f, nil
	case c.since == "":
		return f, app.Usage("--changed-since is empty, as a variable is that is not set: name a branch, a tag or a commit, or leave the flag out")
	}
	dir := "."
	if len(paths) > 0 && paths[0] != app.StdinArg {
		dir = folderAt(a, paths[0])
	}
	tree, err := changed.Since(ctx, changed.Files{Open: a.OpenAny, Real: a.Env.Real}, dir, c.since)
	if errors.Is(err, git.ErrUnknown) {
		return f, app.Usage("--changed-since: %w", err)
	}
	f.tree = tree
	return f, err
}

// Kept are the findings of changed lines, and what says how many others there are. What could not be read stays.
func Kept[T any](ctx context.Context, f Filter, all []T, of func(T) diag.Finding) (kept []T, left int, err error) {
	if f.tree == nil {
		return all, 0, nil
	}
	kept = []T{}
	var places []diag.Position
	for _, x := range all {
		places = append(places, f.places(of(x))...)
	}
	if err := f.tree.Look(ctx, places); err != nil {
		return nil, 0, err
	}
	for _, x := range all {
		if f.keeps(of(x)) {
			kept = append(kept, x)
		} else {
			left++
		}
	}
	return kept, left, nil
}

// places are those whose change counts for a finding.
func (f Filter) places(x diag.Finding) []diag.Position {
	out := []diag.Position{x.Position}
	if f.near != nil {
		for _, name := range f.near(x) {
			out = append(out, diag.Position{File: name})
		}
	}
	return out
}

func (f Filter) keeps(x diag.Finding) bool {
	if x.ID == diag.Unread {
		return true
	}
	for _, p := range f.places(x) {
		if f.tree.Has(p) {
			return true
		}
	}
	return false
}

// LeftOut says how many findings are on lines that did not change.
func (f Filter) LeftOut(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{app.Count(n, "finding is", "findings are") + " on lines that did not change since " + f.Since + "."}
}
