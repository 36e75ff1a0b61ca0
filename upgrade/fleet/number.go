package fleet

import (
	"slices"
	"strings"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// own puts Kubernetes' numbers of versions where the provider's own were written, such as 1.31 for OpenShift 4.18, and reports whether all
// can be the provider's.
func (r *reader) own(c *Cluster, table windows.Table, p windows.Provider) bool {
	c.Nodes = slices.Clone(c.Nodes)
	known := r.number(&c.Version, table, p)
	for i := range c.Nodes {
		known = r.number(&c.Nodes[i].Version, table, p) && known
	}
	return known
}

func (r *reader) number(v *yamlx.At[upgrade.Minor], table windows.Table, p windows.Provider) bool {
	switch of := sellers(v.Text); {
	case v.V.Major > 1:
		return r.release(v, table, p)
	case len(of) > 0 && !slices.Contains(of, p.Name):
		r.fail(v.Pos, "fleet/unknown-version", "%.60s is a version of %s, and the provider is %s: one of them is wrong", v.Text,
			strings.Join(of, " or "), p.Name)
		return false
	case p.Name == talos && !v.V.IsZero() && v.V.Less(oldestOfTalos):
		r.fail(v.Pos, "fleet/unknown-version", "%.60s is a release of Talos Linux, which runs several versions of Kubernetes: "+
			"write that of Kubernetes, as kubectl version shows it for the server", v.Text)
		return false
	}
	return true
}

// Releases of Talos count from 1.0 as Kubernetes does; the first of them ran Kubernetes 1.23.
const talos = "talos"

var oldestOfTalos = upgrade.V1(23)

// sellers are the providers whose builds of Kubernetes have a version like this; none for one that any may have.
func sellers(text string) []string {
	for _, x := range []struct {
		mark string
		of   []string
	}{{"-eks", []string{"eks", "eks-anywhere"}}, {"-gke.", []string{"gke"}}, {"+rke2", []string{"rke2"}}, {"+k3s", []string{"k3s"}},
		{"-aliyun", []string{"ack"}}} {
		if strings.Contains(text, x.mark) {
			return x.of
		}
	}
	return nil
}

// release puts Kubernetes' number where the provider's own release was written.
func (r *reader) release(v *yamlx.At[upgrade.Minor], table windows.Table, p windows.Provider) bool {
	var names []string
	for _, w := range table.Windows(p.Name) {
		if w.Release == v.V.String() {
			v.V = w.Minor
			return true
		}
		if w.Release != "" {
			names = append(names, w.Release)
		}
	}
	switch of := releasers(table, v.V); {
	case len(of) > 0:
		r.fail(v.Pos, "fleet/unknown-version", "%.60s is a version of %s, and the provider is %s: one of them is wrong", v.Text,
			strings.Join(of, " or "), p.Name)
	case len(names) == 0:
		r.fail(v.Pos, "fleet/unknown-version", "%s is not a Kubernetes version: want 1.x", v.V)
	default:
		r.fail(v.Pos, "fleet/unknown-version", "%s has no release %s that is known; it has %s to %s", p.Name, v.V, names[0],
			names[len(names)-1])
	}
	return false
}

// releasers are the providers that have a release of this name.
func releasers(table windows.Table, own upgrade.Minor) []string {
	var out []string
	for _, p := range table.Providers() {
		if slices.ContainsFunc(table.Windows(p.Name), func(w windows.Window) bool { return w.Release == own.String() }) {
			out = append(out, p.Name)
		}
	}
	return out
}

// ownNamed is a version with the provider's own name of it.
func ownNamed(table windows.Table, provider string, v upgrade.Minor) string {
	w, _ := table.Window(provider, v)
	return v.As(w.Release)
}
