package backtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// Source answers queries over a grid.
type Source func(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error)

// Recorded is the query for what rules in use have fired: the series that Prometheus records of every alert.
const Recorded = `ALERTS{alertstate="firing"}`

// Interval is how often rules are evaluated whose group does not say it: the default of Prometheus's configuration.
const Interval = slo.Minute

// Other replays alerts that are not made of SLOs: each expression is evaluated at every evaluation of its group by the source,
// and for and keep_firing_for are applied as Prometheus does. Series that rules among the groups record are made of the
// history where the source does not have them. Held is the samples of a source that has them here, nil of a server. What began before
// since is left out. Alerts that cannot be evaluated are findings.
func Other(ctx context.Context, ask Source, held eval.Queryable, groups []rules.Group, since, to time.Time) ([]Alert, []diag.Finding) {
	var out []Alert
	var findings []diag.Finding
	m := newMaker(ask, held, groups, to)
	for _, g := range groups {
		step := intervalOf(g)
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			reads := m.reads(r.Expr)
			hold, keep := evaluations(r.For, step), evaluations(r.KeepFiringFor, step)
			grid := slo.NewGrid(since.Add(-time.Duration(step)*time.Duration(hold+keep+2)), to, step)
			answer, err := m.answer(ctx, r.Expr, grid)
			if err != nil {
				findings = append(findings,
					diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: r.Pos, Message: "the alert " + r.Alert + ": " + err.Error()})
				continue
			}
			for _, s := range answer.Series {
				a := Alert{Alert: r.Alert, Severity: severityOf(g, r, s), Labels: visible(s.Labels), reads: reads}
				if a.fired(Episodes(grid, Pending(s.Values, hold, keep)), since); a.Already || len(a.Episodes) > 0 {
					out = append(out, a)
				}
			}
		}
	}
	return sortAlerts(out), findings
}

func intervalOf(g rules.Group) slo.Window {
	if g.Interval > 0 {
		return slo.Window(g.Interval)
	}
	return Interval
}

// evaluations is how many evaluations a time takes, at the least.
func evaluations(d model.Duration, step slo.Window) int {
	return int((time.Duration(d) + time.Duration(step) - 1) / time.Duration(step))
}

// fired keeps the episodes that did not begin before a time.
func (a *Alert) fired(episodes []Episode, since time.Time) {
	a.Episodes, a.All = []Episode{}, episodes
	for _, e := range episodes {
		switch {
		case !e.Start.Before(since):
			a.Episodes = append(a.Episodes, e)
		case e.End.After(since):
			a.Already = true
		}
	}
}

// FromRecorded makes alerts of the answer to Recorded. What began before since is left out.
func FromRecorded(answer slo.Answer, grid slo.Grid, since time.Time) []Alert {
	var out []Alert
	for _, s := range answer.Series {
		a := Alert{Alert: s.Labels["alertname"], Severity: s.Labels["severity"], Labels: visible(s.Labels)}
		if a.fired(Episodes(grid, Pending(s.Values, 0, 0)), since); a.Already || len(a.Episodes) > 0 {
			out = append(out, a)
		}
	}
	return sortAlerts(out)
}

// Pending says at which evaluations an alert fires that is active where values are not NaN: once it was active for so many
// evaluations, and for so many more after it was last active while firing.
func Pending(values []float64, hold, keep int) []bool {
	out := make([]bool, len(values))
	since, last := -1, -1 // when it became active; when it last was, while it fires
	for i, v := range values {
		switch {
		case v == v:
			if since < 0 {
				since = i
			}
			if last >= 0 || i-since >= hold {
				last, out[i] = i, true
			}
		case last >= 0 && i-last <= keep:
			out[i] = true
		default:
			since, last = -1, -1
		}
	}
	return out
}

func severityOf(g rules.Group, r rules.Rule, s slo.Series) string {
	return cmp.Or(r.Labels["severity"], g.Labels["severity"], s.Labels["severity"])
}

func visible(labels map[string]string) map[string]string {
	out := maps.Clone(labels)
	for _, name := range []string{"__name__", "alertname", "alertstate", "severity"} {
		delete(out, name)
	}
	return out
}

func sortAlerts(alerts []Alert) []Alert {
	key := func(a Alert) string {
		var b strings.Builder
		b.WriteString(a.Alert + "\x00" + a.Severity)
		for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
			b.WriteString("\x00" + k + "\x00" + a.Labels[k])
		}
		return b.String()
	}
	slices.SortFunc(alerts, func(a, b Alert) int { return cmp.Compare(key(a), key(b)) })
	return alerts
}
