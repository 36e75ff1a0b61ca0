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

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/scan"
)

func fixCommand(a *app.App) *cobra.Command {
	var to app.Minor
	write := false
	c := &cobra.Command{
		Use: "fix PATH...", Args: cobra.MinimumNArgs(1),
		Short: "Rewrite manifests to APIs that the target serves",
		Long: `Rewrites objects whose API version the target has removed or deprecates: apiVersion and the fields that moved. All other
bytes stay: comments, order, quotes, line ends. Prints a diff; --write changes the files. Where the meaning would change it
leaves the object alone and says what to do. In unrendered templates of charts only a version that stands there as text is
changed, of objects whose fields all stay.`,
		Example: "  treadmill upgrade fix deploy/ --to 1.38\n  treadmill upgrade fix deploy/ --to 1.38 --write\n  treadmill upgrade fix deploy/ | patch -p1",
		RunE: a.Run(func(ctx context.Context, paths []string) (report.View, error) {
			table, err := input.Lifecycle(a)
			if err != nil {
				return report.View{}, err
			}
			target, err := input.ScanTarget(upgrade.Minor(to), table)
			if err != nil {
				return report.View{}, err
			}
			old, err := input.APIData(a, table, upgrade.Minor(to))
			if err != nil {
				return report.View{}, err
			}
			fixed, err := fixFiles(ctx, a, paths, write, table, target)
			if err != nil {
				return report.View{}, err
			}
			if write {
				if err := fixed.write(a); err != nil {
					return report.View{}, err
				}
			}
			fixed.seen.Findings = append(fixed.seen.Findings, old...)
			return fixView(fixed, target, write), nil
		}),
	}
	c.Flags().Var(&to, "to", "Kubernetes version to go to, such as 1.38 (default: the newest known)")
	c.Flags().BoolVar(&write, "write", false, "change the files instead of printing a diff")
	return a.Returns(c, fixData{})
}

// fixedFile is one file before and after.
type fixedFile struct {
	name string
	old  []byte
	fix.Result
}

// fixedFiles are the files that hold an object to rewrite, and what the reader saw on the way.
type fixedFiles struct {
	seen  apis.Files
	files []fixedFile
}

// fixFiles reads the paths and rewrites, in memory, each file that holds an object to rewrite.
func fixFiles(
	ctx context.Context,
	a *app.App,
	paths []string,
	write bool,
	table *lifecycle.Table,
	target upgrade.Minor,
) (fixedFiles, error) {
	var stdin []byte
	for _, p := range paths {
		if p == app.StdinArg && write {
			return fixedFiles{}, app.Usage("--write cannot change standard input")
		}
	}
	to := []helm.Target{{Version: target, APIs: table.Served(target), Known: table.Known}}
	open := a.OpenAny
	if write {
		open = a.OpenToChange
	}
	r := apis.Reader{Want: table.Fading, Refer: true, Targets: to, Real: a.Env.Real, Open: func(name string) (fs.File, error) {
		if name != app.StdinArg {
			return open(name)
		}
		data, err := io.ReadAll(a.Env.Stdin)
		stdin = data
		return app.StdinFile{Reader: bytes.NewReader(data)}, err
	}}
	names, problems := a.Expand(paths)
	seen, err := r.Read(ctx, names)
	if err != nil {
		return fixedFiles{}, err
	}
	seen.Findings = append(seen.Findings, problems...)
	out := fixedFiles{seen: seen}
	files, made := toFix(&out.seen, scan.References(seen.References, table, target))
	for name, objects := range files {
		in := app.Input{Name: app.StdinName, Data: stdin}
		if name != app.StdinName {
			if in, err = a.Read(name); err != nil {
				return out, err
			}
		}
		result := fix.File(in.Name, in.Data, objects, table, target)
		if made[name] != nil {
			result.Reached(made[name], table, target)
		}
		out.take(fixedFile{in.Name, in.Data, result})
	}
	slices.SortFunc(out.files, func(a, b fixedFile) int { return cmp.Compare(a.name, b.name) })
	out.seen.Findings = a.Settle(out.seen.Findings)
	return out, nil
}

// toFix are the files with objects to rewrite, and those with a template whose text may have one; made is what charts make of templates.
func toFix(seen *apis.Files, references []scan.Finding) (files, made map[string][]object.Object) {
	files, made = map[string][]object.Object{}, map[string][]object.Object{}
	for _, o := range seen.Objects {
		switch packed := strings.Contains(o.File, ".tgz/"); {
		case packed:
			seen.Findings = append(seen.Findings, diag.Finding{ID: fix.Refused, Severity: diag.Warning, Position: o.Position,
				Message: fmt.Sprintf(
					"%s %s %q is left as it is: it is in a packed chart; change the chart that it was packed from",
					o.APIVersion,
					o.Kind,
					o.Name,
				)})
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
