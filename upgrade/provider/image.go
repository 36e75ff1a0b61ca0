package provider

import (
	_ "embed"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

//go:embed images.tsv
var images string

// Image is a node image, a container runtime or a cgroup version that ends.
type Image struct {
	Provider string // "*" for all
	Kind     string // os, runtime or cgroup
	Names    []string
	Title    string
	Last     upgrade.Minor // the last version that nodes can run with it
	Ends     windows.Day   // when its own support ends; zero for a day that is not known
	Instead  string
	Why      string
	Source   string
	Read     windows.Day
}

// Images lists them all, in the order of the table.
func Images() []Image {
	var out []Image
	for line := range strings.Lines(images) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 10 {
			continue
		}
		x := Image{Provider: f[0], Kind: f[1], Names: strings.Split(f[2], ","), Title: f[3], Instead: f[6], Why: f[7], Source: f[8]}
		x.Last, _ = upgrade.ParseMinor(f[4]) // a test reads every row
		if f[5] != "" {
			_ = x.Ends.UnmarshalText([]byte(f[5]))
		}
		_ = x.Read.UnmarshalText([]byte(f[9]))
		out = append(out, x)
	}
	return out
}

// ImageOf is what is known of a node image (os), a container runtime or a cgroup version of nodes at a provider; false where it does not
// end, or nothing is known of it.
func ImageOf(provider, kind, name string) (Image, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, x := range Images() {
		if x.Kind != kind || x.Provider != "*" && x.Provider != provider {
			continue
		}
		for _, n := range x.Names {
			if rest, open := strings.CutSuffix(n, "*"); n == name || open && strings.HasPrefix(name, rest) {
				return x, true
			}
		}
	}
	return Image{}, false
}
