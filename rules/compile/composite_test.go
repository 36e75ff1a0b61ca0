package compile_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// journey is a composite: a cart of 99.9 % and a payment of 99 % whose burn counts twice.
func journey(t testing.TB) slo.SLO {
	t.Helper()
	s := availability(t, "99.9")
	part := func(name, percent string, weight int64) slo.Component {
		o, err := slo.ParsePercent(percent)
		if err != nil {
			t.Fatal(err)
		}
		return slo.Component{Name: name, Weight: slo.NewNumber(weight, 1), Objective: o, Indicator: slo.Indicator{
			Bad:   slo.Query{Text: `sum(rate(` + name + `_total{code="500"}[5m]))`},
			Total: slo.Query{Text: `sum(rate(` + name + `_total[5m]))`}}}
	}
	s.ID, s.Indicator, s.Components = "journey", slo.Indicator{}, []slo.Component{part("cart", "99.9", 1), part("payment", "99", 2)}
	var err error
	if s.Objective, err = slo.Whole(s.Components); err != nil {
		t.Fatal(err)
	}
	return s
}

// calls are the two series of a component: so many requests a second, of which a share fails.
func calls(name string, rate float64, share func(time.Duration) float64, scrape time.Duration) []series {
	return []series{
		{metric(name+"_total", "code", "200"), counter(func(at time.Duration) float64 { return rate * (1 - share(at)) }, scrape)},
		{metric(name+"_total", "code", "500"), counter(func(at time.Duration) float64 { return rate * share(at) }, scrape)},
	}
}

// TestWhole is the arithmetic: burns add up by weight, 1 ÷ 0.001 + 2 ÷ 0.01 = 1200.
func TestWhole(t *testing.T) {
	if got, want := journey(t).Objective.Budget(), slo.NewNumber(1, 1200); got.Cmp(want) != 0 {
		t.Errorf("budget of the whole is %s, want %s", got, want)
	}
	weak := journey(t).Components[:1]
	weak[0].Weight = slo.NewNumber(1, 2000)
	if _, err := slo.Whole(weak); err == nil || !strings.Contains(err.Error(), "weights are so small") {
		t.Errorf("a weight that cannot burn the budget: %v", err)
	}
}

// TestCompositePagesForOneComponent lets one component fail, the other being well or without any traffic: the page comes
// at the evaluation that the component's own threshold promises.
func TestCompositePagesForOneComponent(t *testing.T) {
	scrape := 30 * time.Second
	for _, c := range []struct {
		name         string
		cart, pay    float64 // requests a second
		fail         string
		share        float64
		wantMinutes  float64
		wantBurnOver float64
	}{
		{"the payment fails", 100, 100, "payment", 0.2, 60 * 14.4 / 200 / 0.2, 14.4},
		{"the cart fails while nobody pays", 100, 0, "cart", 0.2, 60 * 14.4 / 1000 / 0.2, 14.4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compiled(t, journey(t), compile.Options{})
			share := func(name string) func(time.Duration) float64 {
				return func(at time.Duration) float64 { return when(name == c.fail && at >= 70*time.Minute, c.share) }
			}
			w := newWorld(t, scrape, append(calls("cart", c.cart, share("cart"), scrape), calls("payment", c.pay, share("payment"), scrape)...)...)
			w.load(r.Groups)
			var fired time.Duration
			w.run(3*time.Hour, func(at time.Duration) bool {
				if len(w.firing("severity")) > 0 {
					fired = at - 70*time.Minute
				}
				return fired == 0
			})
			if late := fired.Minutes() - c.wantMinutes; late < -0.5 || late > 1 {
				t.Errorf("fired after %s, want %v minutes", fired, c.wantMinutes)
			}
			if got := w.value(`slo:burn:rate1h`); got < c.wantBurnOver || math.IsNaN(got) {
				t.Errorf("burn %v", got)
			}
			left := w.value(`slo:error_budget:remaining`)
			cart, pay := w.value(`slo:component_budget:remaining{component="cart"}`), w.value(`slo:component_budget:remaining{component="payment"}`)
			if !nearly(left, 1-(1-cart)-2*(1-pay), 0.0001) {
				t.Errorf("left of the whole %v, of its components %v and %v", left, cart, pay)
			}
		})
	}
}

// TestCompositeIsSilent keeps a composite silent that is idle, that has one component without series, or whose
// components together burn just within the budget.
func TestCompositeIsSilent(t *testing.T) {
	for _, c := range []struct {
		name   string
		raw    []series
		budget float64
	}{
		{"idle", append(calls("cart", 0, func(time.Duration) float64 { return 0 }, time.Minute),
			calls("payment", 0, func(time.Duration) float64 { return 0 }, time.Minute)...), 1},
		{"one component has no series", calls("cart", 50, func(time.Duration) float64 { return 0 }, time.Minute), 1},
		{"both burn at half of what is allowed", append(calls("cart", 50, func(time.Duration) float64 { return 0.00049 }, time.Minute),
			calls("payment", 50, func(time.Duration) float64 { return 0.00245 }, time.Minute)...), 0.02},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := journey(t)
			s.Period.Length = slo.Day
			r := compiled(t, s, slowly)
			w := newWorld(t, time.Minute, c.raw...)
			w.load(r.Groups)
			w.run(26*time.Hour, func(time.Duration) bool {
				fire := slices.DeleteFunc(w.firing("slo_severity"), func(s string) bool { return s == "no-data" })
				if len(fire) > 0 {
					t.Errorf("%v fire", fire)
				}
				return len(fire) == 0
			})
			if got := w.value(`slo:error_budget:remaining`); math.Abs(got-c.budget) > 0.01 || math.IsNaN(got) {
				t.Errorf("budget left %v, want %v", got, c.budget)
			}
		})
	}
}

// TestCompositeSlices counts a slice as bad when any component's is.
func TestCompositeSlices(t *testing.T) {
	s := journey(t)
	s.Period.Length = slo.Day
	s.Indicator.Slice = slo.Slice{Window: slo.Tile, Target: slo.NewNumber(9, 10)}
	for i := range s.Components {
		s.Components[i].Indicator.Slice = s.Indicator.Slice
	}
	s.Objective, _ = slo.Strictest(s.Components)
	r := compiled(t, s, slowly)
	bad := func(from, to time.Duration) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return when(at >= from && at < to, 0.5) }
	}
	w := newWorld(
		t,
		time.Minute,
		append(
			calls("cart", 10, bad(2*time.Hour, 3*time.Hour), time.Minute),
			calls("payment", 10, bad(150*time.Minute, 4*time.Hour), time.Minute)...)...)
	w.load(r.Groups)
	w.run(6*time.Hour, nil)
	if got := w.value("slo:events_bad:increase6h"); got < 23 || got > 26 {
		t.Errorf("%v slices of six hours were bad, want 24", got)
	}
	if got := w.value("slo:events_total:increase6h"); !nearly(got, 72, 0.02) {
		t.Errorf("%v slices in six hours, want 72", got)
	}
}

func TestCompositesThatCannotWork(t *testing.T) {
	s := journey(t)
	s.Components[1].Indicator.Total.Text = `sum by (region) (rate(payment_total[5m]))`
	s.Components[1].Indicator.Bad.Text = `sum by (region) (rate(payment_total{code="500"}[5m]))`
	if r := compile.Compile(s, compile.Options{}); !diag.Any(r.Findings, diag.Error) || r.Findings[0].ID != "slo/component" {
		t.Errorf("groupings that differ: %v", r.Findings)
	}
	s = journey(t)
	s.Components[1].Weight = slo.NewNumber(1, 50)
	r := compile.Compile(s, compile.Options{})
	if !slices.ContainsFunc(r.Findings, func(f diag.Finding) bool {
		return f.ID == "slo/component" && strings.Contains(f.Message, "a full outage of payment alone pages nobody")
	}) {
		t.Errorf("a component that can do nothing: %v", r.Findings)
	}
}

// TestNoMutantOfACompositeSurvives changes every number, window and operator of a composite's alerts. Each must show in
// a situation in which one component burns just above or just below the rate, with many or few events.
func TestNoMutantOfACompositeSurvives(t *testing.T) {
	r := compiled(t, journey(t), compile.Options{})
	all, want := composedTable(r)
	w := newWorld(t, time.Minute)
	w.quiet = true
	w.placeComposed(all)
	for _, rule := range r.Groups[0].Rules {
		if rule.Alert == "" {
			continue
		}
		severity := slo.Severity(rule.Labels["slo_severity"])
		if got := w.outcome(rule.Expr, want[severity]); got != want[severity] {
			t.Fatalf("%s fires in\n%s, want\n%s", severity, got, want[severity])
		}
		mutated := 0
		for _, m := range mutants(rule.Expr) {
			mutated++
			if w.outcome(m, want[severity]) == want[severity] {
				t.Errorf("a mutant of the %s survives:\n%s", severity, diffLine(rule.Expr, m))
			}
		}
		t.Logf("%s: %d mutants", severity, mutated)
	}
}

// composed is the burn of the whole by window, and the bad and all events of the components.
type composed struct {
	burns  map[slo.Window]float64
	events map[string]map[slo.Window][2]float64
}

func composedTable(r compile.Result) (out []composed, want map[slo.Severity]string) {
	want = map[slo.Severity]string{}
	add := func(b slo.Burn, long, short float64, who string, bad, total float64, fires bool) {
		c := composed{burns: map[slo.Window]float64{}, events: map[string]map[slo.Window][2]float64{"cart": {}, "payment": {}}}
		for i, x := range r.Burns { // every window has numbers of its own
			for _, name := range []string{"cart", "payment"} {
				c.events[name][x.Long] = [2]float64{0, 1e6 * float64(i+1)}
			}
			c.burns[x.Long], c.burns[x.Short] = 0, 0
		}
		c.burns[b.Long], c.burns[b.Short] = long, short
		if who != "" {
			c.events[who][b.Long] = [2]float64{bad, total}
		}
		out = append(out, c)
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			want[severity] += map[bool]string{true: "1", false: "0"}[fires && severity == b.Severity]
		}
	}
	for _, b := range r.Burns {
		rate := b.Rate.Float()
		add(b, rate*1.05, rate*1.05, "", 0, 0, false)
		for _, comp := range r.SLO.Components {
			p := rate / comp.Factor().Float()
			many, n := 25/p, 12/p
			least := p*n + 2.33*math.Sqrt(p*(1-p)*n)
			few := 3.0
			for _, c := range []struct {
				long, short, bad, total float64
				fires                   bool
			}{
				{1.05, 1.05, p * 1.05 * 1e7, 1e7, true},
				{0.95, 1.05, p * 1.05 * 1e7, 1e7, false},
				{1.05, 0.95, p * 1.05 * 1e7, 1e7, false},
				{1.05, 1.05, p * 0.95 * 1e7, 1e7, false},
				{2, 2, p * 2 * 1e7, 1e7, true},
				{1.05, 1.05, p * 1.05 * many * 1.06, many * 1.06, true},
				{1.05, 1.05, p * 1.05 * many * 0.94, many * 0.94, false},
				{1.05, 1.05, least * 1.01, n, true},
				{1.05, 1.05, least * 0.99, n, false},
				{1.05, 1.05, 1.55, few, 1.55 > p*few+2.33*math.Sqrt(p*(1-p)*few)},
				{1.05, 1.05, 1.45, few, false},
				{1.05, 1.05, 0, 0, false}, // idle
			} {
				add(b, rate*c.long, rate*c.short, comp.Name, c.bad, c.total, c.fires)
			}
		}
	}
	return out, want
}

func (w *world) placeComposed(all []composed) {
	w.t.Helper()
	app := storage.AppenderV2AsLimitedV1(w.storage.AppenderV2(w.t.Context()))
	put := func(i int, ls labels.Labels, v float64) {
		if _, err := app.Append(0, ls, start.Add(time.Duration(i)*time.Hour).UnixMilli(), v); err != nil {
			w.t.Fatal(err)
		}
	}
	for i, s := range all {
		for window, v := range s.burns {
			put(i, labels.FromStrings(model.MetricNameLabel, "slo:burn:rate"+window.String(), "slo", "journey"), v)
		}
		for name, byWindow := range s.events {
			for window, v := range byWindow {
				put(i, labels.FromStrings(model.MetricNameLabel, "slo:events_bad:increase"+window.String(), "slo", "journey", "component", name), v[0])
				put(
					i,
					labels.FromStrings(model.MetricNameLabel, "slo:events_total:increase"+window.String(), "slo", "journey", "component", name),
					v[1],
				)
			}
		}
	}
	if err := app.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// outcome says of each hour of a world whether an expression has elements in it, as a text of 1 and 0, as long as the one that is wanted.
func (w *world) outcome(expr, want string) string {
	q, err := w.engine.NewRangeQuery(w.t.Context(), w.storage, nil, expr, start, start.Add(time.Duration(len(want)-1)*time.Hour), time.Hour)
	if err != nil {
		return "error"
	}
	defer q.Close()
	matrix, err := q.Exec(w.t.Context()).Matrix()
	if err != nil {
		return "error"
	}
	out := []byte(strings.Repeat("0", len(want)))
	for _, s := range matrix {
		for _, p := range s.Floats {
			out[time.UnixMilli(p.T).Sub(start)/time.Hour] = '1'
		}
	}
	return string(out)
}
