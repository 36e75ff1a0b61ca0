package promtest

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// counted is a synth of the events that rules record first, for queries that no series could be made up for: all that follows from them is
// tested as for other queries.
type counted struct {
	labels     map[string]string // of both series
	total, bad string            // their names
	window     slo.Window        // that they count over
}

// newCounted makes a synth of what is recorded of one part of an SLO; value tells groups apart.
func newCounted(s slo.SLO, part int, by []string, value string) *synth {
	c := &counted{labels: map[string]string{"slo": s.ID}, window: slo.Tile}
	if w := s.Indicator.Slice.Window; w > 0 {
		c.window = w
	}
	if len(s.Components) > 0 {
		c.labels[compile.ComponentLabel] = s.Components[part].Name
	}
	for _, name := range by {
		c.labels[name] = value
	}
	c.total, c.bad = compile.CountedSeries(s)
	return &synth{counted: c, factor: slo.NewNumber(1, 1), step: slo.Minute}
}

// series are the two recorded series over spans.
func (c *counted) series(f *synth, spans []span, withPart bool) []string {
	all := func(span) slo.Number { return slo.NewNumber(1, 1) }
	bad := func(s span) slo.Number { return s.share }
	if !withPart {
		bad = func(span) slo.Number { return slo.Number{} }
	}
	named := func(name string) map[string]string {
		out := maps.Clone(c.labels)
		out["__name__"] = name
		return out
	}
	return []string{seriesText(named(c.total), c.text(f, spans, all)), seriesText(named(c.bad), c.text(f, spans, bad))}
}

// text is the events within the window at each sample, in the notation of unit tests.
func (c *counted) text(f *synth, spans []span, count func(span) slo.Number) string {
	var ends []slo.Window
	var end slo.Window
	for _, s := range spans {
		end += s.length
		ends = append(ends, end)
	}
	perMinute := big.NewRat(f.perMinute, 1)
	at := func(t slo.Window) string {
		sum := new(big.Rat)
		for i, s := range spans {
			within := min(t, ends[i]) - max(t-c.window, ends[i]-s.length, 0)
			if within > 0 && !s.idle && !s.gone {
				n := new(big.Rat).Mul(count(s).Rat(), within.Over(slo.Minute).Rat())
				sum.Add(sum, n.Mul(n, perMinute))
			}
		}
		return decimal(sum)
	}
	out := runs{}
	for t := slo.Window(0); t <= end; t += f.step {
		if t < c.window {
			out.add("_") // as rules record nothing before
			continue
		}
		out.add(at(t))
	}
	return out.String()
}

// runs is a list of values in which those that repeat stand once.
type runs struct {
	done []string
	last string
	more int // times that last is repeated
}

func (r *runs) add(value string) {
	if value == r.last {
		r.more++
		return
	}
	r.flush()
	r.last, r.more = value, 0
}

func (r *runs) flush() {
	switch {
	case r.last == "":
	case r.more == 0:
		r.done = append(r.done, r.last)
	case r.last == "_":
		r.done = append(r.done, "_x"+strconv.Itoa(r.more+1))
	default:
		r.done = append(r.done, r.last+"+0x"+strconv.Itoa(r.more))
	}
}

// String is the list in the notation of unit tests.
func (r *runs) String() string {
	r.flush()
	r.last = ""
	return strings.Join(r.done, " ")
}

// withoutQueries are groups without the rules that read raw series of an SLO, so that a test can say what these recorded.
func withoutQueries(groups []rules.Group, s slo.SLO) []rules.Group {
	total, bad := compile.CountedSeries(s)
	out := slices.Clone(groups)
	for i := range out {
		out[i].Rules = slices.DeleteFunc(slices.Clone(out[i].Rules), func(r rules.Rule) bool {
			return (r.Record == total || r.Record == bad) && r.Labels["slo"] == s.ID || r.Record == query.Silent || r.Record == query.Since
		})
	}
	return out
}

// runsAtAll is the case that the queries of an SLO can be evaluated: over one series for each of their selectors what is recorded is a
// number.
func (p *prover) runsAtAll() []proofCase {
	var input []string
	for _, part := range p.result.SLO.Parts() {
		for _, q := range []slo.Query{part.Indicator.Total, part.Indicator.Bad, part.Indicator.Good, part.Indicator.Ratio} {
			for _, v := range query.SelectorsOf(q) {
				series, ok := sample(v, p.result.By, "a")
				if text := seriesText(series, "1+60x90"); ok && series["__name__"] != "" && !slices.Contains(input, text) {
					input = append(input, text)
				}
			}
		}
	}
	if input == nil {
		return nil
	}
	return []proofCase{{name: "the queries can be evaluated", input: input, expect: p.numbers(slo.Hour)}}
}
