package fleet

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Version is the version of the fleet file's format.
const Version = 1

func itoa(n int) string { return strconv.Itoa(n) }

// document is the fleet file as it is written.
type document struct {
	Version  yamlx.At[int]   `yaml:"version,required"`
	Policy   Policy          `yaml:"policy"`
	Teams    map[string]Team `yaml:"teams"`
	Defaults []defaults      `yaml:"defaults"`
	Clusters []entry         `yaml:"clusters"`
}

// reader collects what is wrong with one file.
type reader struct {
	file     string
	open     func(name string) ([]byte, error)
	findings []diag.Finding
	broken   bool // an error in the policy
	unread   bool // a calendar could not be read, or not all of it
	again    bool // what is read stands in the same place as what was read before: the second and later clusters of one entry
}

func (r *reader) add(p diag.Position, s diag.Severity, id, format string, args ...any) {
	if p.File == "" {
		p.File = r.file
	}
	f := diag.Finding{ID: id, Severity: s, Message: fmt.Sprintf(format, args...), Position: p}
	for i := len(r.findings) - 1; i >= 0 && r.again; i-- {
		if x := r.findings[i]; x.ID == id && x.Position == p {
			return // said of the first cluster of the entry
		}
	}
	r.findings = append(r.findings, f)
}

func (r *reader) fail(p diag.Position, id, format string, args ...any) {
	r.broken = true
	r.add(p, diag.Error, id, format, args...)
}
func (r *reader) warn(p diag.Position, id, format string, args ...any) {
	r.add(p, diag.Warning, id, format, args...)
}
func (r *reader) info(p diag.Position, id, format string, args ...any) {
	r.add(p, diag.Info, id, format, args...)
}

// Read reads a fleet file and finds everything that is wrong with it. ICS files are read through open, their names taken
// relative to the folder of the file.
func Read(file string, data []byte, open func(name string) ([]byte, error)) (Fleet, []diag.Finding) {
	r := &reader{file: file, open: open}
	docs, findings := yamlx.Documents(file, data)
	r.findings = findings
	f := Fleet{File: file}
	if len(docs) != 1 {
		f.Broken = true
		if len(docs) == 0 && len(findings) == 0 {
			r.fail(diag.Position{File: file, Line: 1}, "fleet/empty", "the file is empty: a fleet file has version, policy and clusters")
		}
		if len(docs) > 1 {
			r.fail(yamlx.Position(file, docs[1].Root), "fleet/documents", "a fleet file is one document; this is another")
		}
		return f, diag.Sort(r.findings)
	}
	var d document
	decoded := yamlx.Decode(docs[0], &d)
	r.findings = append(r.findings, decoded...)
	f.Policy, f.Teams = d.Policy, d.Teams
	bad := inClusters(len(d.Clusters), decoded)
	if len(bad.outside) > 0 || len(findings) > 0 {
		r.broken = true
	}
	if d.Version.Set() && d.Version.V != Version &&
		!slices.ContainsFunc(decoded, func(f diag.Finding) bool { return f.Position == d.Version.Pos }) {
		r.fail(d.Version.Pos, "fleet/version", "version %d is not known: this program reads version %d", d.Version.V, Version)
	}
	r.order(&f.Policy, d.Clusters)
	all, missing := r.expand(d, bad.cluster)
	var more []Missing
	f.Clusters, more = r.clusters(&f, all)
	f.Missing = append(missing, more...)
	f.Left = len(f.Missing)
	r.policy(&f.Policy, all)
	r.teams(f)
	f.Broken, f.Unread = r.broken, r.unread
	return f, slices.Compact(diag.Sort(r.findings))
}

// located sorts the decoder's findings: those of a cluster make that cluster unsound, all others the policy.
type located struct {
	cluster []bool
	outside []diag.Finding
}

// ofCluster is how the decoder's messages begin that are about one cluster.
var ofCluster = regexp.MustCompile(`^clusters\[(\d+)\]`)

func inClusters(clusters int, findings []diag.Finding) located {
	out := located{cluster: make([]bool, clusters)}
	for _, f := range findings {
		m := ofCluster.FindStringSubmatch(f.Message)
		if m == nil {
			out.outside = append(out.outside, f)
			continue
		}
		i, _ := strconv.Atoi(m[1]) // the expression matched digits
		out.cluster[i] = true
	}
	return out
}

// clusters keeps the sound clusters.
func (r *reader) clusters(f *Fleet, all []Cluster) (sound []Cluster, left []Missing) {
	first := map[string]diag.Position{}
	broken := r.broken
	for _, c := range all {
		r.broken, r.again = false, c.copy > 1
		r.cluster(f, c)
		r.windowed(f.Policy, c)
		if p, twice := first[c.Name.V]; twice && c.Name.V != "" {
			r.fail(c.Name.Pos, "fleet/duplicate", "there is already a cluster %q in line %d; names must differ", c.Name.V, p.Line)
		} else {
			first[c.Name.V] = c.Name.Pos
		}
		if r.broken {
			left = append(left, c.missing())
			continue
		}
		sound = append(sound, c)
	}
	r.broken, r.again = broken, false
	return sound, left
}

// windowed checks that a cluster has a maintenance window where there are any.
func (r *reader) windowed(p Policy, c Cluster) {
	for _, w := range p.Windows {
		if !w.Pools.Set() && w.Clusters.Matches(c) {
			return
		}
	}
	if p.Windowed() {
		r.fail(c.Name.Pos, "fleet/window",
			"no window of the policy is for %s; a window without clusters: is for all that no other names", c.Name.V)
	}
}

// cluster checks one cluster by itself.
func (r *reader) cluster(f *Fleet, c Cluster) {
	if c.Name.Set() && c.Name.V == "" {
		r.fail(c.Name.Pos, "fleet/name", "a cluster wants a name")
	}
	for field, given := range map[string]bool{"provider": c.Provider.Set(), "version": c.Version.Set()} {
		if !given {
			r.fail(c.Pos, "input/required", "cluster %s: %q is missing, and no default gives it", c.Name.V, field)
		}
	}
	if c.Channel.Set() && c.Tier.Set() && c.Channel.V != c.Tier.V {
		r.fail(c.Tier.Pos, "fleet/channel", "channel and tier are two words for one thing; write one of them")
	}
	if _, ok := f.Policy.Rank(c.Environment.V); c.Environment.Set() && !ok {
		r.fail(c.Environment.Pos, "fleet/unknown-environment", "%s; %s", unknown("environment", c.Environment.V, f.Policy.environmentNames()),
			"the order of environments is in policy.environments")
	}
	pools := map[string]bool{}
	for _, n := range c.Nodes {
		if pools[n.Name.V] {
			r.fail(n.Name.Pos, "fleet/duplicate", "node pool %q of %s is written twice", n.Name.V, c.Name.V)
		}
		pools[n.Name.V] = true
		r.rate(n)
		if c.Version.V.Major == n.Version.V.Major { // else one is the provider's own number
			r.newer(c, n)
		}
	}
}

// rate checks how long a rollout of a node pool takes.
func (r *reader) rate(n NodePool) {
	switch {
	case n.Size.Set() != n.PerHour.Set():
		at := n.Size.Pos
		if n.PerHour.Set() {
			at = n.PerHour.Pos
		}
		r.fail(at, "fleet/pool", "node pool %s: size and perHour go together: so many nodes, of which so many are replaced in an hour", n.Name.V)
	case n.Size.Set() && (n.Size.V < 1 || n.Size.V > 100_000):
		r.fail(n.Size.Pos, "fleet/pool", "node pool %s has size %d; want a number of nodes from 1 to 100000", n.Name.V, n.Size.V)
	case n.PerHour.Set() && (n.PerHour.V < 1 || n.PerHour.V > 100_000):
		r.fail(n.PerHour.Pos, "fleet/pool", "perHour of node pool %s is %d; want a number of nodes from 1 to 100000", n.Name.V, n.PerHour.V)
	}
}

// newer refuses nodes that are newer than their control plane.
func (r *reader) newer(c Cluster, n NodePool) {
	if c.Version.V.Less(n.Version.V) {
		r.fail(n.Version.Pos, "fleet/skew",
			"nodes %s run %s, newer than their control plane's %s; kubelets are never newer than the API server", n.Name.V,
			n.Version.V, c.Version.V)
	}
}

// unknown says that a name is none of those there are, and which may have been meant.
func unknown(what, name string, names []string) string {
	otherwise := "there are none"
	if len(names) > 0 {
		otherwise = "want one of " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("unknown %s %q; %s", what, name, yamlx.DidYouMean(name, names, otherwise))
}

// or gives a field its value where it was left out.
func or[T any](field *yamlx.At[T], value T) {
	if !field.Set() {
		field.V = value
	}
}

// fill sets what was left out.
func (p *Policy) fill() {
	or(&p.Target, Target{Behind: 1})
	or(&p.Margin, Duration(30*24*3600*1e9))
	or(&p.MaxCampaign, Duration(60*24*3600*1e9))
	or(&p.Costs.Campaign, 1500*Unit)
	or(&p.Costs.Hop, 400*Unit)
	or(&p.Costs.UnsupportedDay, 1000*Unit)
	or(&p.Costs.Currency, "USD")
	or(&p.Budget.Reserve, DefaultReserve)
	or(&p.Budget.Keep, DefaultKeep)
}
