// Package lint finds rules and dashboards that read metrics which a version of Kubernetes does not have.
//
// The way through it: kubernetes.tsv (derived, see gen) → Kubernetes → Catalogue; rule files (Rules) and Grafana
// dashboards (Dashboards) → Query; queries and a catalogue → Check → findings. It knows what the sources of Kubernetes
// declare since 1.28, with the cAdvisor in the kubelet: not add-ons, and no names that are made at run time.
package lint

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"treadmill/upgrade"
)

//go:generate go run ./gen -out kubernetes.tsv

//go:embed kubernetes.tsv
var files embed.FS

// Files are the files of the table that comes with Treadmill.
func Files() fs.FS { return files }

// Metric is what the releases From to To declare of a metric. Labels of nil are not known.
type Metric struct {
	From, To   upgrade.Minor
	Type       string // "counter", "gauge", "histogram", "summary"; "-" is not declared
	Stability  string // "ALPHA", "BETA", "STABLE", "INTERNAL"; Cadvisor
	Deprecated upgrade.Minor
	Use        string // the metric that takes over, "" when its help names none
	Labels     []string
}

// Cadvisor is the stability of the series that a kubelet shows on /metrics/cadvisor: none is promised.
const Cadvisor = "CADVISOR"

// Catalogue is every metric by name, in runs of releases from old to new.
type Catalogue struct {
	Oldest, Newest upgrade.Minor
	// Preview is the minor after Newest where a pre-release of it was read, PreviewVersion such as "1.38.0-beta.0".
	Preview        upgrade.Minor
	PreviewVersion string
	Date           string // the day on which its sources were read
	metrics        map[string][]Metric
}

// Last is the last minor of which the catalogue says something.
func (c *Catalogue) Last() upgrade.Minor {
	if c.Newest.Less(c.Preview) {
		return c.Preview
	}
	return c.Newest
}

// Kubernetes is the embedded catalogue.
func Kubernetes() (*Catalogue, error) { return In(nil) }

// In is the catalogue in files of the form of Files, or the embedded one for nil.
func In(from fs.FS) (*Catalogue, error) {
	if from == nil {
		from = files
	}
	text, err := fs.ReadFile(from, "kubernetes.tsv")
	if err != nil {
		return nil, err
	}
	return parse(string(text))
}

const header = "metric\tfrom\tto\ttype\tstability\tdeprecated\tuse\tlabels"

func parse(text string) (*Catalogue, error) {
	c := &Catalogue{metrics: make(map[string][]Metric, 800)}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") || line == header {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) == 2 && f[0] == "date" {
			c.Date = f[1]
			continue
		}
		if len(f) == 3 && f[0] == "preview" {
			v, err := upgrade.ParseMinor(f[1])
			if err != nil {
				return nil, fmt.Errorf("kubernetes.tsv:%d: %w", n, err)
			}
			c.Preview, c.PreviewVersion = v, f[2]
			continue
		}
		if len(f) != 8 {
			return nil, fmt.Errorf("kubernetes.tsv:%d: %d columns, want 8", n, len(f))
		}
		m := Metric{Type: f[3], Stability: f[4], Use: strings.TrimPrefix(f[6], "-"), Labels: labelList(f[7])}
		for i, into := range map[int]*upgrade.Minor{1: &m.From, 2: &m.To, 5: &m.Deprecated} {
			if f[i] == "-" {
				continue
			}
			v, err := upgrade.ParseMinor(f[i])
			if err != nil {
				return nil, fmt.Errorf("kubernetes.tsv:%d: %w", n, err)
			}
			*into = v
		}
		if c.Oldest.IsZero() || m.From.Less(c.Oldest) {
			c.Oldest = m.From
		}
		if c.Newest.Less(m.To) && m.To != c.Preview {
			c.Newest = m.To
		}
		c.metrics[f[0]] = append(c.metrics[f[0]], m)
	}
	return c, nil
}

func labelList(text string) []string {
	switch text {
	case "?":
		return nil
	case "-":
		return []string{}
	}
	return strings.Split(text, ",")
}

// find returns the runs of the metric that a series belongs to, and its name: histograms and summaries have series of their own.
func (c *Catalogue) find(series string) (string, []Metric) {
	if runs, ok := c.metrics[series]; ok {
		return series, runs
	}
	for _, end := range []string{"_bucket", "_sum", "_count"} {
		if name, ok := strings.CutSuffix(series, end); ok {
			runs := c.metrics[name]
			if slices.ContainsFunc(runs, func(m Metric) bool { return m.Type == "histogram" || m.Type == "summary" }) {
				return name, runs
			}
		}
	}
	if name := "container_application_"; strings.HasPrefix(series, name) &&
		series != name { // what containers define is known by its beginning
		return series, c.metrics[name+"*"]
	}
	return "", nil
}

// at returns the run that covers a minor. Of minors after the newest nothing is known, so they are taken for the newest.
func (c *Catalogue) at(runs []Metric, to upgrade.Minor) (Metric, bool) {
	if c.Last().Less(to) {
		to = c.Last()
	}
	for _, m := range runs {
		if !to.Less(m.From) && !m.To.Less(to) {
			return m, true
		}
	}
	return Metric{}, false
}

// Hidden is the first minor in which a component does not serve a deprecated metric unless it is told to; zero if never.
//
// Up to 1.34 that is the minor after the one that deprecates it; since 1.35 an ALPHA metric is hidden at once, a BETA
// one after one minor and a STABLE one after three (shouldHide in metrics/registry.go of k8s.io/component-base, v0.34.13 and v0.35.10).
func (m Metric) Hidden() upgrade.Minor {
	if m.Deprecated.IsZero() {
		return upgrade.Minor{}
	}
	old, period := m.Deprecated.Add(1), 0
	switch m.Stability {
	case "STABLE":
		period = 3
	case "BETA":
		period = 1
	}
	change, now := upgrade.V1(35), m.Deprecated.Add(period)
	switch {
	case old.Less(change):
		return old
	case change.Less(now):
		return now
	}
	return change
}

// Count is how many metrics the components of a minor declare, without the series of cAdvisor.
func (c *Catalogue) Count(to upgrade.Minor) int {
	n := 0
	for _, runs := range c.metrics {
		if m, ok := c.at(runs, to); ok && m.Stability != Cadvisor {
			n++
		}
	}
	return n
}
