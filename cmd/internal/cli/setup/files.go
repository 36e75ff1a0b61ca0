package setup

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/inventory"
)

//go:embed data
var contents embed.FS

// fleetFile is the name of the file with the clusters.
const fleetFile = "fleet.yaml"

// file is one of the first files.
type file struct {
	Path  string `json:"path"`
	State string `json:"state"` // written, kept (it was there before), or not written: no cluster could be read
	about string
	name  string // below the folder
	text  []byte
}

// files are the first files of a folder.
type files []file

// plan is what would be written to a folder.
func plan(folder string) (files, error) {
	out := files{
		{name: fleetFile, about: "clusters and the rules of plans"},
		{name: "slos/shop-availability.yaml", about: "an example SLO"},
		{name: ".treadmill.yaml", about: "what scans leave out or accept"},
	}
	for i, from := range []string{"data/fleet.yaml", "data/slo.yaml", "data/settings.yaml"} {
		f := &out[i]
		f.Path, f.State = filepath.Join(folder, filepath.FromSlash(f.name)), "written"
		text, err := contents.ReadFile(from)
		if err != nil {
			return nil, err
		}
		f.text = text
		switch _, err := os.Lstat(f.Path); {
		case err == nil:
			f.State = "kept"
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("look for %s: %w", f.Path, app.Cause(err))
		}
	}
	return out, nil
}

// wants says whether a file is to be written.
func (f files) wants(name string) bool {
	return slices.ContainsFunc(f, func(x file) bool { return x.name == name && x.State == "written" })
}

// fill puts clusters into the fleet file. An environment that is not among the usual ones comes last in their order.
func (f files) fill(clusters []inventory.Cluster) error {
	i := slices.IndexFunc(f, func(x file) bool { return x.name == fleetFile })
	if len(clusters) == 0 {
		f[i].State = "not written"
		return nil
	}
	text, _, err := inventory.Merge(f[i].text, clusters)
	if err != nil {
		return err
	}
	order := environments()
	for _, c := range clusters {
		if c.Environment != "" && !slices.Contains(order, c.Environment) {
			order = append(order, fmt.Sprintf("%q", c.Environment))
		}
	}
	f[i].text = []byte(strings.Replace(string(text), "[dev, staging, prod]", "["+app.JoinWords(order)+"]", 1))
	return nil
}

// fresh is the files to write.
func (f files) fresh() map[string][]byte {
	out := map[string][]byte{}
	for _, x := range f {
		if x.State == "written" {
			out[x.Path] = x.text
		}
	}
	return out
}

// data is the machine shape of `init`.
type data struct {
	Files    []file         `json:"files"`
	Findings []diag.Finding `json:"findings"`
	Next     []string       `json:"next"` // commands to go on with
	Version  int            `json:"version"`
}

func (f files) view(program string, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "file"}, {Name: "state"}, {Name: "holds", Rank: 1}}}
	for _, x := range f {
		t.Rows = append(t.Rows, report.Row{Cells: []string{x.Path, x.State, x.about}})
	}
	next := []string{
		program + " upgrade plan -f " + app.ShellWord(f[0].Path),
		program + " slo explain " + app.ShellWord(f[1].Path),
		program + " upgrade scan " + app.ShellWord(filepath.Dir(f[0].Path)),
	}
	written := app.Count(len(f.fresh()), "file", "files") + " written"
	kept := 0
	for _, x := range f {
		if x.State == "kept" {
			kept++
		}
	}
	if kept > 0 {
		written += ", " + fmt.Sprint(kept) + " kept"
	}
	return report.View{
		Lead:     []string{written + "."},
		Tables:   []report.Table{t},
		Findings: findings,
		Notes:    []string{"Next: " + strings.Join(next, "; ")},
		Data:     data{Version: 1, Files: app.List(f), Next: next, Findings: app.List(findings)},
	}
}
