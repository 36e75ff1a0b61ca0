package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// How events are counted. What a counter grew by in a window is its newest value at the end less its newest value at the beginning, so that
// windows that follow one another share their edge and every increment is in exactly one of them, however scrapes lie to the edges. The
// value at the beginning is looked for up to Bridge further back, so that a gap in the samples loses nothing.
//
//	grown(x, w) = newest(x, now) − newest(x, now − w)
//
// A counter that was reset within the window, or has no value before it, has grown by what increase() makes of the samples in it. Whether
// it was reset is looked for too, as one that soon exceeds its old value shows it by nothing else: by rules in steps of a minute, which
// miss what came between the last step and the reset, by reviews in every sample.

// Bridge is how long a gap in the samples may be that loses nothing.
const Bridge = slo.Hour

// lookback is how old a sample may be that an instant selector finds: Prometheus's default.
const lookback = 5 * slo.Minute

// Marks in texts of Events that are taken apart where the SLO is known: for the SLO that counts all events, and for the one that counts the
// bad or good ones of them.
const (
	OfTotal = "⟦total⟧"
	OfPart  = "⟦part⟧"
)

// side is the making of the texts of one side of an indicator.
type side struct {
	mark     string
	counters []Counter // of this side and of those before it
}

// Reads is how many samples of a series the rules of a counter read at an evaluation, with windows of a length and scrapes so often.
func Reads(w, scrape slo.Window) slo.Number {
	instants := int64(3 + (Bridge-2*lookback)/lookback)
	if w >= slo.Tile {
		return slo.NewNumber(instants+int64(2*w/slo.Minute)+1, 1)
	}
	return slo.NewNumber(instants, 1).Add((2*w + slo.Minute).Over(scrape))
}

// Keeps is how many Keep reads of each series.
const Keeps = 3

// shifted is a selector some time ago.
func shifted(v *parser.VectorSelector, by slo.Window) *parser.VectorSelector {
	past := *v
	past.OriginalOffset += time.Duration(by)
	return &past
}

// Marks of texts that read a window and the scrape before it, taken apart where the time between scrapes is known.
const (
	wideMark    = "⟦wide⟧"
	wideSeconds = "⟦wide seconds⟧"
)

// grown is what counters grew by in a window, from queries alone: for histories, which have no series Silent. As rules do, it bridges
// what is missing for as long as Bridge from the first scrape that fails, which lets an instant selector find nothing; and as long, a
// counter that does not answer has grown by nothing, which is known, instead of by something that is not.
func grown(v *parser.VectorSelector, w slo.Window) string {
	known := Bridge + slo.Minute
	return "last_over_time(" + over(v, known) + ") - last_over_time(" + over(shifted(v, w), known) + ") >= 0" + otherwise(v, w, " ")
}

// grownFine looks at every sample for resets, else it is as grown.
func grownFine(v *parser.VectorSelector, w slo.Window) string {
	return "last_over_time(" + over(v, max(w, lookback)) + ") - last_over_time(" + over(shifted(v, w), Bridge) + ") >= 0" + fmt.Sprintf(
		" unless resets(%[1]s) > 0 or increase(%[1]s) * %[2]v / %[3]s and %[4]s or increase(%[5]s)",
		v0(v)+"["+wideMark+"]"+offsetOf(v), time.Duration(w).Seconds(), wideSeconds, shifted(v, w), over(v, w),
	)
}

// grown is the same for rules, which read fewer samples: instant selectors find what is there, the series Silent has what does not
// answer, and a subquery in steps of the lookback finds what ended without a mark, as when Prometheus was down.
func (c Counter) grown(v *parser.VectorSelector, w slo.Window) string {
	silent := silentOf(c, v)
	then := shifted(v, w)
	before := shifted(v, w+lookback).String() + " or " + ignoring + steps(v, w)
	return "(" + v.String() + " or " + ignoring + silent + ")\n" +
		"  - " + ignoring + "(" + then.String() + " or " + ignoring + silent + " offset " + w.String() + " or " + ignoring + before + ") >= 0" +
		otherwise(v, w, "\n  ") + "\n"
}

// steps is the newest value of what ended without a mark before a window, looked for at the steps of a subquery. These lie at whole
// multiples of the lookback, so that they see each sample that is older than two of them, and none of them may see one that is less old.
func steps(v *parser.VectorSelector, w slo.Window) string {
	return fmt.Sprintf("last_over_time(%s[%s:%s] offset %s)", v0(v), Bridge-2*lookback, lookback, slo.Window(v.OriginalOffset)+w+lookback)
}

// v0 is a selector without its offset.
func v0(v *parser.VectorSelector) string {
	now := *v
	now.OriginalOffset = 0
	return now.String()
}

func offsetOf(v *parser.VectorSelector) string {
	if v.OriginalOffset == 0 {
		return ""
	}
	return " offset " + slo.Window(v.OriginalOffset).String()
}

// otherwise is what counts where a counter was reset, or has no value before the window. Space stands before each word that joins.
func otherwise(v *parser.VectorSelector, w slo.Window, space string) string {
	more, in := over(v, w+slo.Minute), over(v, w)
	if w >= slo.Tile {
		x, offset := v0(v), offsetOf(v)
		more, in = x+"["+(w+slo.Minute).String()+":1m]"+offset, x+"["+w.String()+":1m]"+offset
	}
	return space + "unless resets(" + more + ") > 0" + space + "or increase(" + in + ")"
}

func over(v *parser.VectorSelector, w slo.Window) string {
	return (&parser.MatrixSelector{VectorSelector: v, Range: time.Duration(w)}).String()
}

// counting is an expression with a mark for each increase of a counter in a window, to be written out in one of the ways above.
type counting struct {
	text     string
	counters []*parser.VectorSelector // by the number of the mark
	window   slo.Window
}

func markOf(i int) string { return "treadmill_mark_" + strconv.Itoa(i) + "_" }

// with writes out what counters grew by.
func (c counting) with(grown func(v *parser.VectorSelector, w slo.Window) string) string {
	text := c.text
	for i, v := range c.counters {
		name, grew := markOf(i), "("+grown(v, c.window)+")"
		text = strings.ReplaceAll(strings.ReplaceAll(text, "("+name+")", grew), name, grew)
	}
	return text
}

// exactly makes of an expression what writes it out with what counters grew by instead of increase(counter[window]): for histories, and
// at once for rules. It notes the counters, of which rules must keep those that are silent. Native histograms stay, as their values are
// no numbers.
func (s *side) exactly(expr parser.Expr, w slo.Window) (all counting, rule string) {
	all.window = w
	all.text = numbers(replaced(expr, func(n parser.Expr) parser.Expr {
		if v := increased(n, w); v != nil {
			all.counters = append(all.counters, v)
			return &parser.VectorSelector{Name: markOf(len(all.counters) - 1)}
		}
		if c, ok := n.(*parser.Call); ok && strings.HasPrefix(c.Func.Name, "histogram_") {
			return c
		}
		return nil
	}))
	return all, all.with(func(v *parser.VectorSelector, w slo.Window) string { return s.counter(v).grown(v, w) })
}

// increased is the selector of increase(selector[window]), nil for any other expression.
func increased(n parser.Expr, w slo.Window) *parser.VectorSelector {
	c, ok := n.(*parser.Call)
	if !ok || c.Func.Name != "increase" {
		return nil
	}
	m, ok := c.Args[0].(*parser.MatrixSelector)
	if !ok || m.Range != time.Duration(w) {
		return nil
	}
	v, _ := m.VectorSelector.(*parser.VectorSelector)
	return v
}

// counter is the counter that covers a selector, a new one where there is none.
func (s *side) counter(v *parser.VectorSelector) Counter {
	for _, c := range s.counters {
		if c.covers(v) {
			return c
		}
	}
	c := Counter{Key: s.mark + "/" + strconv.Itoa(len(s.counters)+1), selector: v}
	s.counters = append(s.counters, c)
	return c
}
