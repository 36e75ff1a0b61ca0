package compile_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// torture plays all faults at all phases and intervals (make torture); without it, a few of them.
var torture = flag.Bool("torture", false, "play all faults at all phases, intervals and forms")

// tick is the resolution of the torture's time.
const tick = 5 * time.Second

// scrapedCounter is a counter of a target as a scrape sees it.
type scrapedCounter struct {
	labels labels.Labels
	value  float64
	last   float64 // that was scraped, NaN when none was
	at     time.Duration
	shown  bool
}

// outcome is what became of an ordeal.
type outcome struct {
	ours, raw []span      // in which pages fire
	seen      []increment // by scrapes
	counts    []count     // by windows of six hours, at the last evaluations
}

// increment is what a counter grew by from one scrape to the next, or what it was born with: that may be counted or not, as nobody can tell
// whether it came before.
type increment struct {
	at        time.Duration
	n         float64
	bad, born bool
}

// count is the events of a window of six hours.
type count struct {
	at         time.Duration
	bad, total float64
}

type span struct{ from, to time.Duration }

func (s span) String() string { return s.from.String() + "–" + s.to.String() }

// play lets an ordeal happen to rules and to raw windows, evaluated in step.
func (o ordeal) play(t *testing.T, scrape, every, phase time.Duration, groups []rules.Group) outcome {
	t.Helper()
	store := eval.NewStore()
	options := eval.Options{Interval: every, NoAnnotations: true}
	ours := eval.New(store, groups[:1], options)
	budget := eval.New(store, groups[1:2], options)
	raw := eval.New(store, []rules.Group{rawPage(every)}, options)
	var out outcome
	counters := map[string]*scrapedCounter{}
	evaluation := 0
	for at := time.Duration(0); at < o.warm+o.run; at += tick {
		now := start.Add(at)
		down := o.down != nil && o.down(at-o.warm)
		for i := range o.targets {
			lives := o.lives == nil || o.lives(i, at-o.warm)
			o.live(counters, i, at, lives)
			if down || (at-time.Duration(i)*7*time.Second)%scrape >= tick || at < time.Duration(i)*7*time.Second {
				continue
			}
			answers := lives && (o.answers == nil || o.answers(i, at-o.warm))
			for _, code := range []string{"200", "500"} {
				c := counters[fmt.Sprint(i, code)]
				out.scraped(t, store, c, now, at, answers, code)
			}
		}
		if (at-phase)%every != 0 || at < phase || down {
			continue
		}
		evaluation++
		if o.skips != nil && o.skips(evaluation) {
			continue
		}
		for _, e := range []*eval.Evaluator{ours, raw} {
			if problems := e.Eval(context.Background(), now); len(problems) > 0 {
				t.Fatalf("%s at %s: %v", problems[0].Rule.Name(), at, problems[0].Err)
			}
		}
		if at >= o.warm-10*time.Minute {
			out.ours = watch(out.ours, ours, at-o.warm, every)
			out.raw = watch(out.raw, raw, at-o.warm, every)
		}
		if (at-phase)%(5*time.Minute) == 0 {
			budget.Eval(context.Background(), now)
		}
		if at > o.warm+o.run-5*time.Minute {
			out.counts = append(out.counts, count{at, sixHours(t, ours, "bad", now), sixHours(t, ours, "total", now)})
		}
	}
	return out
}

// live lets a target work for a tick.
func (o ordeal) live(counters map[string]*scrapedCounter, i int, at time.Duration, lives bool) {
	since := at - o.warm
	for _, code := range []string{"200", "500"} {
		key := fmt.Sprint(i, code)
		c := counters[key]
		if c == nil {
			c = &scrapedCounter{
				labels: labels.FromStrings("__name__", "requests_total", "code", code, "instance", fmt.Sprint("web-", i)),
				last:   math.NaN(),
			}
			counters[key] = c
		}
		if o.restart != nil && o.restart(i, since) || !lives {
			c.value = 0
		}
		if !lives {
			continue
		}
		share, rate := 0.0, o.rate
		if at >= o.warm && o.share != nil {
			share = o.share(i, since)
		}
		if o.busy != nil {
			rate *= o.busy(i, since)
		}
		n := rate * tick.Seconds()
		bad := math.Round(n * share)
		if code == "500" {
			c.value += bad
		} else {
			c.value += n - bad
		}
	}
}

// scraped is one scrape of one counter: its value, or the mark that it is gone.
func (out *outcome) scraped(
	t *testing.T,
	store *eval.Store,
	c *scrapedCounter,
	now time.Time,
	at time.Duration,
	answers bool,
	code string,
) {
	t.Helper()
	v := c.value
	switch {
	case !answers && !c.shown:
		return
	case !answers:
		v = math.Float64frombits(value.StaleNaN)
	case !math.IsNaN(c.last) && at-c.at < time.Hour:
		grown := v - c.last
		if grown < 0 {
			grown = v
		}
		out.seen = append(out.seen, increment{at: at, n: grown, bad: code == "500"})
	default:
		out.seen = append(out.seen, increment{at: at, n: v, bad: code == "500", born: true})
	}
	if c.shown = answers; answers {
		c.last, c.at = v, at
	}
	if err := store.Append(c.labels, eval.Sample{Millis: now.UnixMilli(), Value: v}); err != nil {
		t.Fatal(err)
	}
}

// rawPage is the page of the SRE Workbook over raw windows, at 99.9 %.
func rawPage(every time.Duration) rules.Group {
	ratio := func(w string) string {
		return `sum(rate(requests_total{code="500"}[` + w + `])) / sum(rate(requests_total[` + w + `]))`
	}
	var or []string
	for _, p := range [][3]string{{"1h", "5m", "14.4"}, {"6h", "30m", "6"}} {
		or = append(or, fmt.Sprintf("(%s > %s * 0.001 and %s > %s * 0.001)", ratio(p[0]), p[2], ratio(p[1]), p[2]))
	}
	return rules.Group{
		Name:     "raw",
		Interval: model.Duration(every),
		Rules:    []rules.Rule{{Alert: "Raw", Expr: strings.Join(or, " or "), Labels: map[string]string{"severity": "page"}}},
	}
}

// watch notes whether a page fires.
func watch(spans []span, e *eval.Evaluator, at, every time.Duration) []span {
	fires := false
	for _, a := range e.Alerts() {
		fires = fires || a.Labels.Get("severity") == "page"
	}
	switch n := len(spans); {
	case !fires:
	case n > 0 && spans[n-1].to == at:
		spans[n-1].to = at + every
	default:
		spans = append(spans, span{at, at + every})
	}
	return spans
}

// sixHours is what a window holds.
func sixHours(t *testing.T, e *eval.Evaluator, what string, now time.Time) float64 {
	t.Helper()
	v, err := e.Query(context.Background(), "slo:events_"+what+":increase6h", now)
	if err != nil || len(v) != 1 {
		t.Fatalf("%d elements: %v", len(v), err)
	}
	return v[0].F
}

// off is by how much windows are off what scrapes saw in their time: the largest share.
func (out outcome) off() (bad, total float64) {
	for _, c := range out.counts {
		var seen, born [2]float64 // of bad events, and of all
		for _, in := range out.seen {
			if in.at <= c.at-6*time.Hour || in.at > c.at {
				continue
			}
			to := &seen
			if in.born {
				to = &born
			}
			to[1] += in.n
			if in.bad {
				to[0] += in.n
			}
		}
		far := func(got float64, i int) float64 {
			return max(0, seen[i]-got, got-seen[i]-born[i]) / max(1, seen[i])
		}
		bad, total = max(bad, far(c.bad, 0)), max(total, far(c.total, 1))
	}
	return bad, total
}

// judge holds an outcome against raw windows and against what scrapes could see.
func (out outcome) judge(scrape, every time.Duration, o ordeal) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if len(out.ours) != len(out.raw) && !(o.blind && len(out.raw) == 0 && len(out.ours) == 1) {
		say("pages %v, over raw windows %v", out.ours, out.raw)
	}
	for i := 0; i < min(len(out.ours), len(out.raw)); i++ {
		a, b := out.ours[i], out.raw[i]
		if d := a.from - b.from; len(out.ours) == len(out.raw) && (d > every || d < -every-scrape) {
			say("page %d begins %s after raw windows'", i+1, d)
		}
		if d := (a.to - b.to).Abs(); len(out.ours) == len(out.raw) && d > 30*time.Minute {
			say("page %d ends %s apart", i+1, d)
		}
	}
	if bad, total := out.off(); bad > 0.002+o.lacks || total > 0.002+o.lacks+float64(o.twice)/float64(6*time.Hour) {
		say("windows of six hours are off by %.2f%% of bad events and %.2f%% of all", 100*bad, 100*total)
	}
	return problems
}

// TestTorture plays faults to the rules and to raw windows: as many pages, which begin within one evaluation and end within one
// short window of them; and every event that scrapes could see is counted once, at every phase.
func TestTorture(t *testing.T) {
	intervals := [][2]time.Duration{{30 * time.Second, 30 * time.Second}}
	phases := []time.Duration{10 * time.Second}
	if *torture {
		intervals = [][2]time.Duration{
			{15 * time.Second, 15 * time.Second},
			{15 * time.Second, 30 * time.Second},
			{30 * time.Second, 30 * time.Second},
			{time.Minute, 30 * time.Second},
			{time.Minute, time.Minute},
		}
		phases = []time.Duration{0, 10 * time.Second, 25 * time.Second}
	}
	for i, o := range ordeals() {
		if !*torture && !slices.Contains([]int{1, 5, 6, 9, 10, 13, 17}, i) {
			continue
		}
		o.targets, o.warm = max(o.targets, 1), 6*time.Hour+30*time.Minute
		if o.run == 0 {
			o.run = 3 * time.Hour
		}
		if o.rate == 0 {
			o.rate = 10 / float64(o.targets)
		}
		for _, in := range intervals {
			for _, phase := range phases {
				t.Run(fmt.Sprintf("%s, %s %s %s", o.name, in[0], in[1], phase), func(t *testing.T) {
					t.Parallel()
					s := availability(t, "99.9")
					s.Indicator.Bad.Text = `sum(rate(requests_total{code="500"}[{{.window}}]))`
					r := compiled(t, s, compile.Options{Scrape: slo.Window(in[0]), Evaluation: slo.Window(in[1])})
					out := o.play(t, in[0], in[1], phase, r.Groups)
					for _, p := range out.judge(in[0], in[1], o) {
						t.Error(p)
					}
				})
			}
		}
	}
}
