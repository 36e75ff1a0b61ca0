// Command gen derives upgrade/addons/data/zz-modules.yaml: what add-ons say of themselves in the compatibility documents, charts and test
// matrices that their Go modules carry.
//
// The way through it: specs.yaml (where the documents are) and modules.txt (of which releases) → go mod download → read → rows → the
// file. A row of a release line that a document no longer lists is kept with the source it was last read in; a document without the table
// that the spec names is an error. With -refresh it first moves modules.txt to the newest releases that the module proxy has.
package main

import (
	"cmp"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/gomodule"
	"treadmill/upgrade/addons"
)

//go:embed specs.yaml
var specsText []byte

// spec says where a document is and how it is read.
type spec struct {
	Addon, Module, File, Read string
	Column, Of, Match, Since  string
	Semantics, Confidence     string
	Before                    int
	Later                     bool
}

// row is one release line as a document has it.
type row struct {
	addon, version, kubernetes string
	semantics, confidence      string
	source, released, note     string
}

func main() {
	out := flag.String("out", "data/zz-modules.yaml", "file to write")
	list := flag.String("modules", "gen/modules.txt", "the list of modules")
	refresh := flag.Bool("refresh", false, "move the list to the newest releases first")
	today := flag.String("today", time.Now().UTC().Format(time.DateOnly), "the day that is written as that of reading")
	flag.Parse()
	if err := run(*out, *list, *refresh, *today); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out, list string, refresh bool, today string) error {
	if refresh {
		if err := gomodule.Refresh(list, today); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	modules, err := gomodule.Download(string(text))
	if err != nil {
		return err
	}
	var specs []spec
	if err := yaml.Unmarshal(specsText, &specs); err != nil {
		return err
	}
	hand, before, err := known(filepath.Dir(out), filepath.Base(out))
	if err != nil {
		return err
	}
	t := table{read: gomodule.ReadOn(string(text)), hand: hand, before: before, sources: map[string]map[string]source{}}
	for _, s := range specs {
		i := slices.IndexFunc(modules, func(m gomodule.Module) bool { return m.Path == s.Module })
		if i < 0 {
			return fmt.Errorf("modules.txt does not have %s", s.Module)
		}
		if err := t.add(s, modules[i]); err != nil {
			return fmt.Errorf("%s: %s of %s: %w", s.Addon, s.File, modules[i], err)
		}
	}
	t.keep()
	result := t.write()
	old, _ := os.ReadFile(out) // none is as good as an empty one
	fmt.Print(difference(string(old), result))
	for _, c := range t.conflicts {
		fmt.Println("conflict:", c)
	}
	return os.WriteFile(out, []byte(result), 0o644) // a source file
}

// known reads what stands in the table by hand, and what this command wrote last.
func known(dir, own string) (hand, before addons.Table, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return hand, before, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return hand, before, err
		}
		t, findings := addons.Read(name, text)
		if len(findings) > 0 {
			return hand, before, fmt.Errorf("%s", findings[0])
		}
		if filepath.Base(name) == own {
			before = t
		} else {
			hand = hand.Merge(t)
		}
	}
	return hand, before, nil
}

// difference lists the rows that came, went and changed, for the report of a refresh.
func difference(old, text string) string {
	rows := func(text string) map[string]bool {
		out := map[string]bool{}
		addon := ""
		for line := range strings.Lines(text) {
			if name, ok := strings.CutPrefix(line, "addon: "); ok {
				addon = strings.TrimSpace(name)
			}
			if strings.Contains(line, "kubernetes:") {
				out[addon+" "+strings.TrimSpace(line)] = true
			}
		}
		return out
	}
	a, b := rows(old), rows(text)
	var out []string
	for r := range a {
		if !b[r] {
			out = append(out, "- "+r)
		}
	}
	for r := range b {
		if !a[r] {
			out = append(out, "+ "+r)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(cmp.Compare(x[2:], y[2:]), cmp.Compare(x, y)) })
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}
