package contain

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules/eval"
)

// shares are the parts of all events that are tried.
var shares = []float64{0, 0, 0.0005, 0.002, 0.004, 0.006, 0.008, 0.012, 0.03, 0.06, 0.1, 0.16, 0.3, 0.6, 1}

// draw makes an assignment.
func (g *generator) draw() assignment {
	out := make(assignment, len(g.templates))
	one := func(list []float64) float64 { return list[g.random.IntN(len(list))] }
	for i, t := range g.templates {
		switch {
		case t.kind == clock:
			out[i] = -one([]float64{60, 3600, 7200, 100_000, 700_000, 3_000_000})
		case t.kind == counter && t.part < 0:
			out[i] = one([]float64{0, 1, 20, 500})
		case t.kind == gauge:
			out[i] = one(g.values)
		}
	}
	left := map[int]float64{} // of the events of a histogram, what no bucket has taken
	for i, t := range g.templates {
		switch {
		case t.part < 0:
		case t.bucket:
			if _, begun := left[t.part]; !begun {
				left[t.part] = out[t.part] * (1 - one(shares))
			}
			out[i] = left[t.part]
			if !g.last(i) {
				out[i] *= one([]float64{0, 0.2, 0.5, 1})
			}
			left[t.part] -= out[i]
		default:
			out[i] = out[t.part] * one(shares)
		}
	}
	return out
}

// last reports whether a bucket is the last of its histogram among the templates.
func (g *generator) last(i int) bool {
	for j := i + 1; j < len(g.templates); j++ {
		if g.templates[j].bucket && g.templates[j].part == g.templates[i].part {
			return false
		}
	}
	return true
}

// calm makes an assignment of an object that is well: nothing fails, and everything is as fast as it is counted.
func (g *generator) calm() assignment {
	out := g.draw()
	begun := map[int]bool{}
	for i, t := range g.templates {
		switch {
		case t.kind == clock:
			out[i] = -60
		case t.kind == counter && t.part < 0:
			out[i] = 20
		case t.part >= 0:
			out[i] = 0
			if t.bucket && !begun[t.part] {
				out[i], begun[t.part] = 20, true
			}
		}
	}
	return out
}

// tries is how many draws are made for each assignment that is wanted.
const tries = 60

// assignments finds so many that make the expression true of a single object.
func (g *generator) assignments(ctx context.Context, n int) []assignment {
	var out []assignment
	for range tries * n {
		a := g.draw()
		w := world{generator: g, size: 1, bad: 1, ill: a, well: a}
		if w.fires(ctx) {
			out = append(out, a)
		}
		if len(out) == n || ctx.Err() != nil {
			break
		}
	}
	return out
}

// one is a series of a world.
type one struct {
	labels labels.Labels
	kind   kind
	value  float64
}

// object are the labels of the series of one object.
func (g *generator) object(n int) []labels.Labels {
	for len(g.objects) <= n {
		var out []labels.Labels
		for _, t := range g.templates {
			b := labels.NewBuilder(labels.FromMap(t.labels))
			for _, name := range t.varies {
				b.Set(name, "object-"+strconv.Itoa(len(g.objects)+1))
			}
			if t.labels["namespace"] == "" {
				b.Set("namespace", "team")
			}
			out = append(out, b.Labels())
		}
		g.objects = append(g.objects, out)
	}
	return g.objects[n]
}

// one are the labels of the series of a single object.
func (g *generator) one() []labels.Labels { return g.object(0) }

func (w *world) series() []one {
	out := make([]one, 0, w.size*len(w.templates))
	for i := range w.size {
		values := w.well
		if i < w.bad {
			values = w.ill
		}
		for j, ls := range w.object(i) {
			out = append(out, one{ls, w.templates[j].kind, values[j]})
		}
	}
	return out
}

func (w *world) append(store *eval.Store, series []one, at time.Time) {
	for _, s := range series {
		v := s.value
		switch s.kind {
		case counter:
			v *= at.Sub(begin()).Seconds() + 3600
		case clock:
			v += float64(at.Unix())
		}
		// Two templates may make one series of the same labels; the first counts.
		_ = store.Append(s.labels, eval.Sample{Millis: at.UnixMilli(), Value: v})
	}
}

// words says what the series of an object do.
func (g *generator) words(a assignment) []string {
	var out []string
	for i, t := range g.templates {
		var parts []string
		for _, m := range t.matchers {
			if m.Name != labels.MetricName && m.Name != "job" && m.Name != "namespace" {
				parts = append(parts, m.String())
			}
		}
		text := t.labels[labels.MetricName]
		if len(parts) > 0 {
			text += "{" + strings.Join(parts, ", ") + "}"
		}
		value := strconv.FormatFloat(a[i], 'g', 4, 64)
		switch t.kind {
		case counter:
			text += " at " + value + " a second"
		case clock:
			text += " " + (time.Duration(-a[i]) * time.Second).String() + " ago"
		default:
			text += " = " + value
		}
		out = append(out, text)
	}
	return out
}
