package lint

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// exporter checks a selector on a metric of something else than Kubernetes.
func (k *checker) exporter(q Query, s *parser.VectorSelector, path []parser.Node, series string) {
	if k.exporters == nil {
		return
	}
	c, name, runs := k.exporters.find(series)
	old, renamed := k.exporters.old[series]
	switch {
	case c == nil && renamed:
		k.gone(q, path, series, old.component, old.since, old.use)
		return
	case c == nil:
		k.misspelt(q, series)
		return
	}
	k.seen[name] = true
	now, there := c.now(runs)
	if !there {
		k.gone(q, path, name, c.name, c.releases[now.to+1], k.exporters.old[name].use)
		return
	}
	for _, label := range used(s, path) {
		if now.labels == nil || slices.Contains(now.labels, label) {
			continue
		}
		for _, before := range slices.Backward(runs[:len(runs)-1]) {
			if slices.Contains(before.labels, label) {
				k.fail(q, FindingLabel, diag.Error, "%s has no label %q since %s %s: its labels are %s", name, label, c.name,
					c.releases[before.to+1], strings.Join(now.labels, ", "))
				break
			}
		}
	}
}

// gone reports a metric that newer releases do not have, unless the expression takes another in its stead.
func (k *checker) gone(q Query, path []parser.Node, name, component, since, use string) {
	if alternative(path) {
		return
	}
	k.seen[name] = true
	k.fail(q, FindingRemoved, diag.Error, "%s is gone since %s %s%s", name, component, since, instead(Metric{Use: use}))
}

// alternative reports whether an expression goes on without the series at the end of a path: "or" has another side for it, and absent()
// asks whether it is there.
func alternative(path []parser.Node) bool {
	return slices.ContainsFunc(path, func(n parser.Node) bool {
		switch n := n.(type) {
		case *parser.BinaryExpr:
			return n.Op == parser.LOR
		case *parser.Call:
			return n.Func.Name == "absent" || n.Func.Name == "absent_over_time"
		}
		return false
	})
}

// misspelt reports a name that nobody has and that is nearly one of a known component.
func (k *checker) misspelt(q Query, series string) {
	owned := slices.ContainsFunc([]string{"kube_", "node_", "coredns_", "etcd_", "prometheus_", "alertmanager_"},
		func(p string) bool { return strings.HasPrefix(series, p) })
	if !owned || len(series) < 12 {
		return
	}
	near := yamlx.Nearest(series, k.exporters.names())
	if near == "" || strings.HasPrefix(series, near) || strings.HasPrefix(near, series) {
		return
	}
	k.fail(q, FindingUnknown, diag.Warning, "no release of %s declares %s; did you mean %s?", k.exporters.byMetric[near], series, near)
}

// renamedLabels reports labels by which series were known before.
func (k *checker) renamedLabels(q Query, s *parser.VectorSelector, path []parser.Node, series string) {
	if k.exporters == nil {
		return
	}
	asked := used(s, path)
	for _, m := range s.LabelMatchers {
		if m.Name != labels.MetricName {
			asked = append(asked, m.Name)
		}
	}
	for _, r := range k.exporters.oldLabels {
		metric, label, _ := strings.Cut(strings.TrimSuffix(r.old, "}"), "*{")
		if strings.HasPrefix(series, metric) && slices.Contains(asked, label) {
			k.fail(q, FindingLabel, diag.Error, "%s has no label %q since %s %s; use %s", series, label, r.component, r.since, r.use)
		}
	}
}
