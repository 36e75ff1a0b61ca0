package compile_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	promrules "github.com/prometheus/prometheus/rules"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// trace is a course of events of one service: requests a second, and the share of them that fails.
type trace struct {
	name        string
	rate, share func(at time.Duration) float64
	restart     time.Duration // counters begin at zero again, when it is not 0
}

func (tr trace) series(scrape time.Duration) []series {
	grow := func(code string, perSecond func(time.Duration) float64) series {
		count, before := counter(perSecond, scrape), 0.0
		return series{metric("requests_total", "svc", tr.name, "code", code), func(at time.Duration) float64 {
			v := count(at)
			if at == tr.restart && at > 0 {
				before = v
			}
			return v - before
		}}
	}
	return []series{
		grow("200", func(at time.Duration) float64 { return tr.rate(at) * (1 - tr.share(at)) }),
		grow("500", func(at time.Duration) float64 { return tr.rate(at) * tr.share(at) }),
	}
}

// workbook is the alert of a severity as the SRE Workbook has it (https://sre.google/workbook/alerting-on-slos/, example 6):
// ratios over whole windows of raw series, at 99.9 %.
func workbook(severity slo.Severity, pairs [][3]string, every slo.Window) rules.Group {
	ratio := func(w string) string {
		return fmt.Sprintf(`sum by (svc) (rate(requests_total{code=~"5.."}[%s])) / sum by (svc) (rate(requests_total[%s]))`, w, w)
	}
	var or []string
	for _, p := range pairs {
		or = append(or, fmt.Sprintf("(%s > %s * 0.001 and %s > %s * 0.001)", ratio(p[0]), p[2], ratio(p[1]), p[2]))
	}
	return rules.Group{Name: "workbook", Interval: model.Duration(every),
		Rules: []rules.Rule{{Alert: "Workbook", Expr: strings.Join(or, " or "), Labels: map[string]string{"severity": string(severity)}}}}
}

// change is a moment at which an alert began or ceased to fire.
type change struct {
	at   time.Duration
	fire bool
}

// changes lets time pass and notes when the alerts of a severity begin and end, of each group of rules and service.
func (w *world) changes(d time.Duration, severity slo.Severity) []map[string][]change {
	out := make([]map[string][]change, len(w.groups))
	for i := range out {
		out[i] = map[string][]change{}
	}
	w.run(d, func(at time.Duration) bool {
		for i, g := range w.groups {
			now := map[string]bool{}
			for _, r := range g.AlertingRules() {
				for _, a := range r.ActiveAlerts() {
					if a.State == promrules.StateFiring && a.Labels.Get("severity") == string(severity) {
						now[a.Labels.Get("svc")] = true
					}
				}
			}
			for _, s := range w.series {
				svc := s.labels.Get("svc")
				was := len(out[i][svc])%2 == 1
				if now[svc] != was {
					out[i][svc] = append(out[i][svc], change{at, now[svc]})
				}
			}
		}
		return true
	})
	return out
}

// TestFiresAsRawWindowsDo sets our alerts, whose windows are added up of recorded tiles, beside those of the workbook, which read
// whole windows of raw series: they begin and end together, but for the tile at either edge of a window. Only what tiles do is
// held against it: there is traffic enough that no guard asks for more, and the past is known.
func TestFiresAsRawWindowsDo(t *testing.T) {
	always := func(v float64) func(time.Duration) float64 { return steady(v) }
	between := func(from, to time.Duration, v float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return when(at >= from && at < to, v) }
	}
	const h, m = time.Hour, time.Minute
	for _, test := range []struct {
		severity       slo.Severity
		pairs          [][3]string
		options        compile.Options
		scrape         time.Duration
		beside         slo.Window // how often the others are evaluated, which costs most
		warm, run, off time.Duration
		traces         []trace
	}{
		{severity: slo.Page, pairs: [][3]string{{"1h", "5m", "14.4"}, {"6h", "30m", "6"}},
			options: compile.Options{Evaluation: slo.Minute, Scrape: slo.Minute}, scrape: m, beside: slo.Minute, warm: 6 * h, run: 8 * h,
			off: 3 * m, traces: []trace{
				{name: "a full outage", rate: always(1000), share: between(7*h, 7*h+20*m, 1)},
				{name: "slowly, for hours", rate: always(1000), share: between(7*h, 12*h, 0.009)},
				{name: "on the way up", rate: always(1000), share: func(at time.Duration) float64 {
					return math.Max(0,
						at.Hours()-7) * 0.01 * when(at < 11*h, 1)
				}},
				{name: "comes and goes", rate: always(1000), share: func(at time.Duration) float64 {
					return when(at >= 7*h && at < 11*h &&
						at%(10*m) < 4*m, 0.5)
				}},
				{name: "while traffic triples", rate: func(at time.Duration) float64 { return 1000 + 2000*when(at >= 8*h, 1) },
					share: between(7*h, 9*h, 0.05)},
				{name: "with a restart", rate: always(1000), share: between(7*h, 9*h, 0.05), restart: 8*h + 7*m},
				{name: "never enough", rate: always(1000), share: between(7*h, 13*h, 0.0055)},
			}},
		{severity: slo.Ticket, pairs: [][3]string{{"1d", "2h", "3"}, {"3d", "6h", "1"}}, options: slowly, scrape: m, beside: 3 * slo.Tile,
			warm: 72 * h, run: 66 * h, off: 20 * m, traces: []trace{
				{name: "a bad day", rate: always(1000), share: between(80*h, 104*h, 0.005)},
				{name: "twice too fast", rate: always(1000), share: between(76*h, 130*h, 0.002)},
				{name: "by day and night", rate: func(at time.Duration) float64 { return 1050 + 1000*math.Sin(at.Hours()*math.Pi/12) },
					share: between(80*h, 130*h, 0.0025)},
				{name: "an hour each night", rate: func(at time.Duration) float64 { return 1050 + 1000*math.Sin(at.Hours()*math.Pi/12) },
					share: func(at time.Duration) float64 { return when(at > 72*h && at%(24*h) >= 18*h && at%(24*h) < 19*h, 1) }},
			}},
	} {
		t.Run(string(test.severity), func(t *testing.T) {
			t.Parallel()
			s := availability(t, "99.9")
			s.Indicator.Bad.Text, s.Indicator.Total.Text = `sum by (svc) (rate(requests_total{code=~"5.."}[{{.window}}]))`, `sum by (svc) (rate(requests_total[{{.window}}]))`
			r := compiled(t, s, test.options)
			var raw []series
			for _, tr := range test.traces {
				raw = append(raw, tr.series(test.scrape)...)
			}
			w := newWorld(t, test.scrape, raw...)
			w.load(r.Groups[:1])
			w.run(test.warm, nil)
			w.load([]rules.Group{workbook(test.severity, test.pairs, test.beside)})
			seen := w.changes(test.run, test.severity)
			for _, tr := range test.traces {
				ours, theirs := seen[0][tr.name], seen[1][tr.name]
				if len(ours) != len(theirs) {
					t.Errorf("%s: %v, and over raw windows %v", tr.name, ours, theirs)
					continue
				}
				for i := range ours {
					if d := (ours[i].at - theirs[i].at).Abs(); d > test.off {
						t.Errorf("%s: change %d is %s apart", tr.name, i+1, d)
					}
				}
			}
		})
	}
}
