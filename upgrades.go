package treadmill

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/scan"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// Windows is the support calendar that Treadmill carries, with files of the same form laid over it.
func Windows(fsys fs.FS, overlays ...string) (windows.Table, []Finding, error) {
	table, err := windows.Embedded()
	if err != nil {
		return table, nil, err
	}
	files, findings := collect(fsys, overlays, ".yaml", ".yml", ".json")
	for _, f := range files {
		over, problems := windows.Read(f.name, f.data)
		table, findings = table.Merge(over), append(findings, problems...)
	}
	return table, findings, nil
}

// Plan reads a fleet file, and the calendars that it names, and plans the upgrades of its clusters from a time on. Where the policy of the
// file cannot be read, or a calendar of its freezes, no plan is made; the findings say why. Options that are zero have their defaults:
// Now is the argument, and Addons is the table that Treadmill carries.
func Plan(ctx context.Context, fsys fs.FS, name string, now time.Time, o plan.Options) (plan.Plan, []Finding, error) {
	table, _, err := Windows(fsys)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if len(o.Addons.Names()) == 0 {
		if o.Addons, err = addons.Embedded(); err != nil {
			return plan.Plan{}, nil, err
		}
	}
	files, findings := collect(fsys, []string{name})
	if len(files) != 1 {
		return plan.Plan{}, findings, nil
	}
	f, problems := fleet.Read(name, files[0].data, func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) })
	findings = slices.Concat(findings, problems, f.Check(table, now))
	if f.Broken || f.Unread {
		return plan.Plan{}, diag.Sort(findings), nil
	}
	o.Now = now
	p := plan.Solve(ctx, f, table, o)
	return p, diag.Sort(append(findings, p.Findings...)), ctx.Err()
}

// Scan finds the uses of APIs that the target deprecates or does not serve in files and folders. Charts are rendered and kustomizations
// built, in process. The findings are about what could not be read or rendered.
func Scan(ctx context.Context, fsys fs.FS, paths []string, target Version) ([]scan.Finding, []Finding, error) {
	by, err := apis.Load()
	if err != nil {
		return nil, nil, err
	}
	r := apis.Reader{Open: fsys.Open, Want: by.Want, Known: by.APIs.Half, Refer: true, Warn: by.Warnings,
		Targets: []helm.Target{{Version: target, APIs: by.APIs.Served(target), Known: by.APIs.Known}}}
	seen, err := r.Read(ctx, paths)
	if err != nil {
		return nil, nil, err
	}
	return by.Judge(apis.Evidence{Files: seen}, target), diag.Together(seen.Findings), nil
}

// Fixed is a file with objects that use a deprecated or removed API: what stands in it, and what became of it.
type Fixed struct {
	Name string
	Old  []byte
	fix.Result
}

// Fix rewrites, in memory, the objects of files and folders whose API is deprecated or gone at the target, where they go on meaning the
// same. The findings are about what could not be read; what was refused is in the results.
func Fix(ctx context.Context, fsys fs.FS, paths []string, target Version) ([]Fixed, []Finding, error) {
	by, err := apis.Load()
	if err != nil {
		return nil, nil, err
	}
	seen, err := (apis.Reader{Open: fsys.Open, Want: by.APIs.Fading}).Read(ctx, paths)
	if err != nil {
		return nil, nil, err
	}
	objects := map[string][]object.Object{}
	for _, o := range seen.Objects {
		objects[o.File] = append(objects[o.File], o)
	}
	var out []Fixed
	for name, list := range objects {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, Fixed{name, data, fix.File(name, data, list, by.APIs, target)})
	}
	slices.SortFunc(out, func(a, b Fixed) int { return strings.Compare(a.Name, b.Name) })
	return out, diag.Sort(seen.Findings), nil
}
