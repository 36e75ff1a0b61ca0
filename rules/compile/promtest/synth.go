package promtest

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// synth makes synthetic series that an indicator counts, for a course of events. Counters have an all and a part; gauges and
// native histograms are one kind of series.
type synth struct {
	all, part map[string]string // a series of the total that is not bad (of a histogram, its count); of bad events, or of good ones
	partGood  bool              // part counts good events
	separate  bool              // part is no part of the total's series: it has a metric of its own
	gauge     map[string]string // its samples are shares of good events, or of bad ones
	gaugeBad  bool
	copies    string // label that tells copies of the gauge apart, as each sample is one event
	native    map[string]string
	counted   *counted // recorded events instead of raw series
	bound     slo.Window
	factor    slo.Number // how much the share of bad events of the whole grows with that of this one: 1, or a component's
	perMinute int64      // events
	step      slo.Window // between samples
}

// newSynth makes up series for an indicator; value tells groups apart. The reason says why there are none.
func newSynth(in slo.Indicator, by []string, value string) (*synth, string) {
	e := query.SidesOf(in)
	f := &synth{factor: slo.NewNumber(1, 1), step: slo.Minute}
	var ok bool
	if v, bound, isNative := query.Native(e.Part); isNative && e.Good && e.Err == nil {
		f.native, ok = sample(v, by, value)
		f.bound = bound
	} else if v := query.Gauge(e.Part, e.Total); v != nil {
		f.gauge, ok = sample(v, by, value)
		f.gaugeBad = !e.Good
		f.copies = copiesOf(f.gauge)
	} else if v := query.GaugeLeft(e.Part, e.Total); v != nil && !e.Good {
		f.gauge, ok = sample(v, by, value)
		f.copies = copiesOf(f.gauge)
	} else if v := query.Average(e.Part); v != nil && e.Total == nil {
		f.gauge, ok = sample(v, by, value)
		f.gaugeBad = !e.Good
	} else if e.Err == nil {
		return f.counters(e, by, value)
	}
	if !ok {
		return nil, "the queries are not of a form that series can be made up for, such as sum(rate(x))"
	}
	return f, ""
}

// copiesOf is a label that tells copies of a gauge apart.
func copiesOf(gauge map[string]string) string {
	for _, name := range []string{"instance", "copy"} {
		if _, taken := gauge[name]; !taken {
			return name
		}
	}
	return ""
}

func (f *synth) counters(e query.Sides, by []string, value string) (*synth, string) {
	total, part := query.CounterOf(e.Total), query.CounterOf(e.Part)
	f.partGood = e.Good
	if part == nil && !e.Good {
		part, f.partGood = query.GoodOf(e.Part, total), true
	}
	if total == nil || part == nil {
		return nil, "the queries are not of the form sum(rate(x))"
	}
	var okAll, okPart bool
	f.part, okPart = sample(part, by, value)
	if f.separate = part.Name != total.Name; f.separate {
		f.all, okAll = sample(total, by, value)
	} else if f.all, okAll = apart(total, part, by, value); okAll {
		okAll = matches(total, f.part)
	}
	if !okAll || !okPart {
		return nil, "no series could be made up that the selectors tell apart"
	}
	if slices.ContainsFunc(by, func(name string) bool { return f.part[name] != f.all[name] }) {
		return nil, "no series could be made up that both queries put into one group"
	}
	return f, ""
}

// span is a stretch of time with a share of bad events, in which the counters grow.
type span struct {
	length slo.Window
	share  slo.Number
	idle   bool // nothing happens
	gone   bool // there are no series
	reset  bool // counters start again at its beginning
}

// series is the input of a unit test for a course of events.
func (f *synth) series(spans []span, withPart bool) []string {
	switch {
	case f.counted != nil:
		return f.counted.series(f, spans, withPart)
	case f.gauge != nil:
		return f.gauges(spans)
	case f.native != nil:
		return []string{seriesText(f.native, f.histogramText(spans))}
	}
	one := slo.NewNumber(1, 1)
	good, bad := func(share slo.Number) slo.Number { return one.Sub(share) }, func(share slo.Number) slo.Number { return share }
	all := good
	if f.partGood && !f.separate {
		all = bad
	}
	if f.separate {
		all = func(slo.Number) slo.Number { return one }
	}
	out := []string{seriesText(f.all, f.counterText(spans, all))}
	if withPart || f.partGood {
		count := bad
		if f.partGood {
			count = good
		}
		out = append(out, seriesText(f.part, f.counterText(spans, count)))
	}
	return out
}

// counterText is a counter over spans in the notation of unit tests; count says which events it counts.
func (f *synth) counterText(spans []span, count func(share slo.Number) slo.Number) string {
	var out []string
	value := new(big.Rat)
	for i, s := range spans {
		n := f.samples(spans, i)
		if s.gone {
			out = append(out, fmt.Sprintf("_x%d", n))
			continue
		}
		if s.reset {
			value.SetInt64(0)
		}
		step := new(big.Rat)
		if !s.idle {
			step.Mul(count(s.share).Rat(), f.perStep())
		}
		out = append(out, decimal(value)+"+"+decimal(step)+"x"+fmt.Sprint(n-1))
		value = new(big.Rat).Add(value, new(big.Rat).Mul(step, big.NewRat(n, 1)))
	}
	return strings.Join(out, " ")
}

// samples is how many samples span i has: one more in the last, so that its end has one.
func (f *synth) samples(spans []span, i int) int64 {
	n := int64(spans[i].length / f.step)
	if i == len(spans)-1 {
		n++
	}
	return n
}

// perStep is how many events there are between two samples.
func (f *synth) perStep() *big.Rat {
	return new(big.Rat).Mul(big.NewRat(f.perMinute, 1), f.step.Over(slo.Minute).Rat())
}

// gauges are as many copies of a gauge as there are events in a minute. A gauge without events has no samples, nor has one at the very
// beginning: a tile of one sample would stand for those before it, and the longer a window, the more of them.
func (f *synth) gauges(spans []span) []string {
	var text []string
	for i, s := range spans {
		value := s.share
		if !f.gaugeBad {
			value = slo.NewNumber(1, 1).Sub(s.share)
		}
		if s.idle || s.gone {
			text = append(text, fmt.Sprintf("_x%d", f.samples(spans, i)))
			continue
		}
		n := f.samples(spans, i)
		if i == 0 {
			text, n = append(text, "_"), n-1
		}
		text = append(text, decimal(value.Rat())+"+0x"+fmt.Sprint(n-1))
	}
	values, copies := strings.Join(text, " "), int64(1)
	if f.copies != "" {
		copies = f.perMinute
	}
	var out []string
	for i := range copies {
		series := f.gauge
		if f.copies != "" {
			series = with(f.gauge, f.copies, fmt.Sprintf("made-up-%d", i+1))
		}
		out = append(out, seriesText(series, values))
	}
	return out
}

func with(series map[string]string, name, value string) map[string]string {
	out := map[string]string{name: value}
	for k, v := range series {
		if k != name {
			out[k] = v
		}
	}
	return out
}

// histogramText is a native histogram of schema 0, whose bucket i ends at 2^i: good observations lie in the bucket that
// ends at half of the bound or before, bad ones in one that begins at twice the bound or after.
func (f *synth) histogramText(spans []span) string {
	goodAt, badAt := 0, 0
	for edge := slo.Minute / 60; edge*2 > f.bound; goodAt-- {
		edge /= 2
	}
	for edge := slo.Minute / 60; edge < 2*f.bound; badAt++ {
		edge *= 2
	}
	badAt++
	buckets := func(good, bad *big.Rat) string {
		out := make([]string, badAt-goodAt+1)
		for i := range out {
			out[i] = "0"
		}
		out[0], out[len(out)-1] = decimal(good), decimal(bad)
		return fmt.Sprintf("{{schema:0 count:%s sum:1 offset:%d buckets:[%s]}}", decimal(new(big.Rat).Add(good, bad)), goodAt,
			strings.Join(out, " "))
	}
	var out []string
	good, bad := new(big.Rat), new(big.Rat)
	for i, s := range spans {
		n := f.samples(spans, i)
		if s.gone {
			out = append(out, fmt.Sprintf("_x%d", n))
			continue
		}
		if s.reset {
			good, bad = new(big.Rat), new(big.Rat)
		}
		badStep := new(big.Rat).Mul(s.share.Rat(), f.perStep())
		goodStep := new(big.Rat).Sub(f.perStep(), badStep)
		if s.idle {
			badStep, goodStep = new(big.Rat), new(big.Rat)
		}
		out = append(out, buckets(good, bad)+"+"+buckets(goodStep, badStep)+"x"+fmt.Sprint(n-1))
		good = new(big.Rat).Add(good, new(big.Rat).Mul(goodStep, big.NewRat(n, 1)))
		bad = new(big.Rat).Add(bad, new(big.Rat).Mul(badStep, big.NewRat(n, 1)))
	}
	return strings.Join(out, " ")
}

// group is the labels of the group that the synth makes events of.
func (f *synth) group(by []string) map[string]string {
	series := f.all
	if f.counted != nil {
		series = f.counted.labels
	}
	for _, s := range []map[string]string{f.gauge, f.native} {
		if s != nil {
			series = s
		}
	}
	out := map[string]string{}
	for _, name := range slices.Sorted(slices.Values(by)) {
		out[name] = series[name]
	}
	return out
}
