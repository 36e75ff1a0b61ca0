package lifecycle

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Custom is the life of a custom resource in one API version, counted in releases of the add-on that defines it.
type Custom struct {
	GVK
	Addon       string // such as "cert-manager"
	Deprecated  string // the add-on's release, such as "1.4"; "" where none is known
	Removed     string // the first release that does not serve it; "" where none is known
	Planned     bool   // Removed is planned and may still move
	Replacement GVK    // zero where there is none
	Source      string
}

// Customs are custom resources whose API versions go.
type Customs map[GVK]Custom

// LoadCustom reads the embedded table of custom resources.
func LoadCustom() (Customs, error) { return CustomIn(nil) }

// CustomIn reads the table of custom resources in files of the form of Files, or the embedded one for nil.
func CustomIn(from fs.FS) (Customs, error) {
	all := Customs{}
	custom, err := text(from, "custom.tsv")
	if err != nil {
		return all, err
	}
	return all, all.Add("custom.tsv", custom)
}

const customHeader = "group\tversion\tkind\taddon\tdeprecated\tremoved\tevidence\treplacement\tsource"

// Add reads a table in the format of the embedded one: lines of columns between tabs, "#" starts a comment and "-" is an empty
// column. A kind that is known already is replaced. The name is for errors only.
func (c Customs) Add(name, text string) error {
	n, seen := 0, map[GVK]bool{}
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || line == customHeader || strings.HasPrefix(line, "date\t") {
			continue
		}
		row, err := parseCustom(line)
		if err == nil && seen[row.GVK] {
			err = fmt.Errorf("%s has a line already", row.GVK)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
		seen[row.GVK], c[row.GVK] = true, row
	}
	return nil
}

func parseCustom(line string) (Custom, error) {
	c := strings.Split(line, "\t")
	if len(c) != 9 {
		return Custom{}, fmt.Errorf("%d columns, want the 9 of %q", len(c), strings.ReplaceAll(customHeader, "\t", " "))
	}
	row := Custom{
		GVK:        GVK{c[0], c[1], c[2]},
		Addon:      c[3],
		Deprecated: empty(c[4], "-"),
		Removed:    empty(c[5], "-"),
		Planned:    c[6] == "planned",
		Source:     c[8],
	}
	if !row.Planned && c[6] != "stated" {
		return row, fmt.Errorf("evidence %q: want stated or planned", c[6])
	}
	if row.Group == "" || !strings.Contains(row.Group, ".") || row.Version == "" || row.Kind == "" || row.Addon == "" {
		return row, fmt.Errorf("want a group with a dot, a version, a kind and the name of an add-on")
	}
	if row.Deprecated == "" && row.Removed == "" {
		return row, fmt.Errorf("%s is neither deprecated nor removed", row.GVK)
	}
	for _, release := range []string{row.Deprecated, row.Removed} {
		if _, err := semver.NewVersion(release); release != "" && err != nil {
			return row, fmt.Errorf("release %q: %w", release, err)
		}
	}
	if apiVersion, kind, ok := strings.Cut(c[7], " "); ok {
		row.Replacement = ParseGVK(apiVersion, kind)
	} else if c[7] != "-" {
		return row, fmt.Errorf("replacement %q: want an API version and a kind, such as example.com/v1 Thing, or -", c[7])
	}
	return row, nil
}

// Fading reports whether some release deprecates or removes an API.
func (c Customs) Fading(apiVersion, kind []byte) bool {
	group, version, ok := strings.Cut(string(apiVersion), "/")
	_, known := c[GVK{group, version, string(kind)}]
	return ok && known
}
