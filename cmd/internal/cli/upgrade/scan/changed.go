package scan

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// changedOnly keeps what was found and said of changed lines, and counts the rest.
func changedOnly(ctx context.Context, by input.Filter, found []scan.Finding, said []diag.Finding) (
	[]scan.Finding, []diag.Finding, int, error,
) {
	found, n, err := input.Kept(ctx, by, found, func(f scan.Finding) diag.Finding { return f.Finding })
	if err != nil {
		return nil, nil, 0, err
	}
	said, m, err := input.Kept(ctx, by, said, itself)
	return found, said, n + m, err
}

// governing names the files that decide what the templates of a chart make: those of values and dependencies, of the chart that a finding
// is in and of those that this chart belongs to. A change of them may bring any finding of the chart.
func governing(a *app.App) func(f diag.Finding) []string {
	known := map[string][]string{}
	return func(f diag.Finding) []string {
		if f.File == "" {
			return nil
		}
		dir := filepath.Dir(f.File)
		names, ok := known[dir]
		if !ok {
			names = governors(a, dir)
			known[dir] = names
		}
		return names
	}
}

// maxFolders bounds how many folders above a file are looked at.
const maxFolders = 32

// governors are the files that decide, in the folder of a chart above or at a folder, and in those of its parent charts.
func governors(a *app.App, dir string) []string {
	var out []string
	for range maxFolders {
		entries, err := a.Folder(dir)
		chart := false
		var here []string
		for _, e := range entries {
			chart = chart || e.Name() == read.ChartFile
			if decides(e.Name()) {
				here = append(here, filepath.Join(dir, e.Name()))
			}
		}
		switch {
		case err == nil && chart:
			out = append(out, here...)
		case len(out) > 0 && filepath.Base(dir) != "charts":
			return out
		}
		next := filepath.Dir(dir)
		if next == dir {
			break
		}
		dir = next
	}
	return out
}

// decides reports whether a file of a chart's folder decides what its templates make.
func decides(name string) bool {
	values, err := path.Match("values*", name)
	return err == nil && values && read.IsManifest(name) || strings.TrimSuffix(name, filepath.Ext(name)) == "Chart"
}
