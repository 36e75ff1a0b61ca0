package lint

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:generate go run ./gen/exporters -out exporters.tsv

//go:embed exporters.tsv
var exportersText string

//go:embed renames.tsv
var renamesText string

// Exporters are the metrics of what is scraped beside Kubernetes, by release: kube-state-metrics, node_exporter, CoreDNS, etcd, Prometheus
// and Alertmanager.
type Exporters struct {
	components map[string]*component
	byMetric   map[string]string // the component that has, or had, a metric
	old        map[string]rename
	oldLabels  []rename // old is METRIC*{LABEL}
}

// component is one program with the releases of it that were read, from old to new.
type component struct {
	name     string
	releases []string
	metrics  map[string][]run
}

// run is what some releases in a row declare of a metric. Labels of nil are not known.
type run struct {
	from, to int
	kind     string
	labels   []string
}

// rename is what a metric or a label was called before.
type rename struct{ component, old, since, use string }

// KnownExporters reads the embedded tables.
func KnownExporters() (*Exporters, error) {
	e := &Exporters{components: map[string]*component{}, byMetric: map[string]string{}, old: map[string]rename{}}
	if err := eachRow("exporters.tsv", exportersText, e.row); err != nil {
		return nil, err
	}
	return e, eachRow("renames.tsv", renamesText, e.renamed)
}

// eachRow hands the columns of the rows of a table over; comments and the header are no rows.
func eachRow(name, text string, row func([]string) error) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' || strings.HasPrefix(line, "component\t") {
			continue
		}
		if err := row(strings.Split(line, "\t")); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

// row adds a component with its releases, or a run of one of its metrics.
func (e *Exporters) row(f []string) error {
	if len(f) == 2 {
		e.components[f[0]] = &component{name: f[0], releases: strings.Split(f[1], ","), metrics: map[string][]run{}}
		return nil
	}
	if len(f) != 6 || e.components[f[0]] == nil {
		return fmt.Errorf("%d columns, want 2 or 6 and the component before its metrics", len(f))
	}
	c := e.components[f[0]]
	one := run{from: slices.Index(c.releases, f[2]), to: slices.Index(c.releases, f[3]), kind: f[4], labels: labelList(f[5])}
	if one.from < 0 || one.to < one.from {
		return fmt.Errorf("%s to %s are not releases of %s", f[2], f[3], f[0])
	}
	e.byMetric[f[1]], c.metrics[f[1]] = f[0], append(c.metrics[f[1]], one)
	return nil
}

func (e *Exporters) renamed(f []string) error {
	if len(f) != 5 {
		return fmt.Errorf("%d columns, want 5", len(f))
	}
	r := rename{f[0], f[1], f[2], f[3]}
	if strings.Contains(r.old, "*{") {
		e.oldLabels = append(e.oldLabels, r)
	} else {
		e.old[r.old] = r
	}
	return nil
}

// find gives the component and the runs of the metric that a series belongs to.
func (e *Exporters) find(series string) (*component, string, []run) {
	names := []string{series}
	for _, end := range []string{"_bucket", "_sum", "_count"} {
		if name, ok := strings.CutSuffix(series, end); ok {
			names = append(names, name)
		}
	}
	for i, name := range names {
		c := e.components[e.byMetric[name]]
		if c == nil {
			continue
		}
		runs := c.metrics[name]
		if i == 0 || slices.ContainsFunc(runs, func(r run) bool { return r.kind == "histogram" || r.kind == "summary" }) {
			return c, name, runs
		}
	}
	return nil, "", nil
}

// now is what the newest release declares, and whether it declares it.
func (c *component) now(runs []run) (run, bool) {
	last := runs[len(runs)-1]
	return last, last.to == len(c.releases)-1
}

// names are the metrics of all components, in order.
func (e *Exporters) names() []string {
	out := make([]string, 0, len(e.byMetric))
	for name := range e.byMetric {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
