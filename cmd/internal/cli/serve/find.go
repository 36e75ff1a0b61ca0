package serve

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/slo/spec"
	"treadmill/upgrade/fleet"
)

// files are what pages are made from.
type files struct {
	fleet                  string
	slos, rules, manifests []string
}

// given are the files that the command line names.
func (f flags) given() []string {
	out := []string{f.folder}
	for _, name := range slices.Concat([]string{f.fleet, f.plan, f.records, f.alertmanager}, f.slos, f.rules, f.manifests) {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// find is the files that the command line names, and of kinds of which it names none those in a folder.
func (f flags) find(a *app.App, folder string) (files, error) {
	l := looker{app: a}
	if err := l.walk(folder); err != nil {
		return files{}, err
	}
	out := files{fleet: f.fleet, slos: f.slos, rules: f.rules, manifests: f.manifests}
	if out.fleet == "" && len(l.fleets) > 1 {
		return out, app.Usage("%s holds %d fleet files: %s; name one of them with --fleet", folder, len(l.fleets), strings.Join(l.fleets, ", "))
	}
	if out.fleet == "" && len(l.fleets) == 1 {
		out.fleet = l.fleets[0]
	}
	for _, kind := range []struct {
		to    *[]string
		found []string
	}{{&out.slos, l.slos}, {&out.rules, l.rules}} {
		if len(*kind.to) == 0 && len(kind.found) > 0 {
			*kind.to = []string{around(kind.found)}
		}
	}
	if len(out.manifests) == 0 && l.manifests {
		out.manifests = []string{folder}
	}
	return out, nil
}

// around is the file, or the folder that holds all of some files.
func around(names []string) string {
	at := names[0]
	for _, name := range names[1:] {
		for name != at && !strings.HasPrefix(name, at+string(filepath.Separator)) && at != "." {
			at = filepath.Dir(at)
		}
	}
	return at
}

// looker tells what the files of a folder are, one at a time.
type looker struct {
	app                 *app.App
	fleets, slos, rules []string
	manifests           bool
}

// walk looks at a file, or at all in a folder but what is hidden. Only the folder itself must be there: files that cannot be read are
// said on the pages that they are for.
func (l *looker) walk(folder string) error {
	entries, err := l.app.Folder(folder)
	if err != nil {
		return app.PlainError(err)
	}
	if entries == nil {
		return app.Usage("%s is a file; name the folder that it lies in, or give it with --fleet, --slo, --rules or --manifests", folder)
	}
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			if err := l.walk(name); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)):
			l.file(name)
		}
	}
	return nil
}

// file notes of which kinds a file is.
func (l *looker) file(name string) {
	in, err := l.app.Read(name)
	if err != nil {
		return
	}
	has := func(word string) bool { return bytes.Contains(in.Data, []byte(word)) }
	if has("apiVersion") && has("kind") {
		l.manifests = true
	}
	if has("groups") || has("PrometheusRule") {
		if found, _ := rules.Read(name, in.Data); len(found) > 0 {
			l.rules = append(l.rules, name)
		}
	}
	if !has("clusters") && !has("slo") && !has("prometheus/v1") && !has("pyrra") {
		return
	}
	slo := false
	for docs := range yamlx.Each(name, in.Data) {
		for _, d := range docs {
			if fleet.Is(d) {
				l.fleets = append(l.fleets, name)
			}
			slo = slo || !spec.Foreign(d.Root)
		}
	}
	if slo {
		l.slos = append(l.slos, name)
	}
}
