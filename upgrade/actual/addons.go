package actual

import (
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/inventory"
)

// addons compares add-ons. One that no image and no release can show is not compared.
func (c *comparison) addons() {
	names := map[string]bool{}
	for _, a := range c.File.Addons {
		name, known := a.Name.V, false
		if one, ok := c.Addons.Addon(name); ok {
			name, known = one.Name, len(one.Images) > 0 || c.Releases
		}
		names[name] = true
		want, have := a.Version.V, version(c.Live.Cluster.Addons, name)
		switch {
		case have == "" && (!known || c.hidden() || c.untold(name)):
		case have == "":
			c.add(FindingAddon, diag.Warning, a.Pos, "add-on "+a.Name.V, want, "",
				"the file has the add-on %s %s, and no workload%s of the cluster shows it", a.Name.V, want, c.orRelease())
			c.found[len(c.found)-1].Fix = ""
		case !inventory.SameVersion(want, have):
			c.add(FindingAddon, diag.Warning, a.Version.Pos, "add-on "+a.Name.V, want, have, "the file says %s %s, and the cluster runs %s",
				a.Name.V, want, have)
		}
	}
	for _, have := range c.Live.Cluster.Addons {
		if !names[have.Name] {
			c.add(FindingAddon, diag.Warning, c.File.Name.Pos, "add-on "+have.Name, "", have.Version,
				"the add-on %s %s runs, and the file does not have it: a plan cannot see what it asks for", have.Name, have.Version)
		}
	}
}

func (c *comparison) hidden() bool {
	h := c.Live.Facts.Hidden
	return h.Workloads || c.Releases && h.Releases
}

func (c *comparison) orRelease() string {
	if c.Releases {
		return " or Helm release"
	}
	return ""
}

// untold reports whether an image of the add-on runs whose tag is no version.
func (c *comparison) untold(name string) bool {
	return slices.ContainsFunc(c.Live.Facts.Images,
		func(image string) bool { found, _, ok := c.Ask.Addons.Image(image); return ok && found == name })
}

// Unseen are the add-ons of the file that were not compared, as nothing that was read could show them, by cluster.
func Unseen(pairs []Pair, ask Ask) []string {
	var out []string
	for _, p := range pairs {
		for _, a := range p.File.Addons {
			one, ok := ask.Addons.Addon(a.Name.V)
			c := comparison{Pair: p, Ask: ask}
			seen := version(p.Live.Cluster.Addons, a.Name.V) != "" || ok && version(p.Live.Cluster.Addons, one.Name) != ""
			if !seen && (!ok || len(one.Images) == 0 && !ask.Releases || c.untold(one.Name)) {
				out = append(out, p.File.Name.V+": "+a.Name.V)
			}
		}
	}
	slices.Sort(out)
	return out
}
