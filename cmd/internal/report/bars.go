package report

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Bars is a chart of amounts side by side: a group of bars for each label, such as a month, and in it one bar for each series. Amounts are
// not negative. What the series are called stands above the bars, so that colour is not all that tells them apart.
//
// A minimal use: Bars{Text: "Bill by month", Unit: "USD", Labels: []string{"2027-01"}, Series: []Series{{Label: "with the plan", Values:
// []float64{5200}}}}.
type Bars struct {
	Text   string // the caption: one sentence that says what the picture shows
	Unit   string
	Labels []string
	Series []Series
}

// Series is the amounts of one kind, a value for each label.
type Series struct {
	Label  string
	Tone   Tone
	Values []float64
}

// Caption returns the text of the chart.
func (c Bars) Caption() string { return c.Text }

// Words says what the bars show, a line for each label.
func (c Bars) Words() []string {
	out := make([]string, len(c.Labels))
	for i, label := range c.Labels {
		parts := make([]string, len(c.Series))
		for k, s := range c.Series {
			parts[k] = fmt.Sprintf("%s %s", s.Label, c.amount(s.Values[i]))
		}
		out[i] = label + ": " + strings.Join(parts, ", ")
	}
	return out
}

func (c Bars) amount(v float64) string { return thousands(v) + " " + c.Unit }

// thousands writes a whole number with its thousands apart.
func thousands(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

const (
	barsHeight = 200
	barsTop    = 30 // the names of the series
	barsFoot   = 22 // the labels
)

// SVG writes two svg elements: the scale, which stays in place when the page scrolls the second, the plot.
func (c Bars) SVG(w io.Writer) error {
	var b strings.Builder
	top := 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			top = max(top, v)
		}
	}
	step := math.Pow(10, math.Floor(math.Log10(max(1, top))))
	for top/step < 2 {
		step /= 2
	}
	top = max(step, math.Ceil(top/step)*step)
	y := func(v float64) float64 { return tenth(barsTop + (1-v/top)*(barsHeight-barsTop-barsFoot)) }

	fmt.Fprintf(&b, `<svg class="labels" width="84" height="%d" aria-hidden="true">`+"\n", barsHeight)
	for v := 0.0; v <= top+step/2; v += step {
		fmt.Fprintf(&b, `<text class="axis" x="78" y="%g" text-anchor="end">%s</text>`, y(v)+4, thousands(v))
	}
	fmt.Fprintf(&b, "\n"+`</svg><svg class="plot" width="%d" height="%d" role="img"><title>%s</title>`+"\n", plotWidth, barsHeight,
		svgText(c.Text))
	for v := 0.0; v <= top+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="0" y1="%g" x2="%d" y2="%g"/>`, y(v), plotWidth, y(v))
	}
	c.legend(&b)
	group := plotWidth / float64(max(1, len(c.Labels)))
	width := min(28, group*0.8/float64(max(1, len(c.Series))))
	for i, label := range c.Labels {
		for k, s := range c.Series {
			x := tenth(float64(i)*group + (group-width*float64(len(c.Series)))/2 + float64(k)*width)
			fmt.Fprintf(&b, `<rect class="span %s" x="%g" y="%g" width="%g" height="%g"><title>%s</title></rect>`, toneName(s.Tone), x,
				y(s.Values[i]), tenth(width), tenth(y(0)-y(s.Values[i])),
				svgText(fmt.Sprintf("%s, %s: %s", label, s.Label, c.amount(s.Values[i]))))
		}
		if every := math.Ceil(textWidth(label) * 1.1 / group); i%int(every) == 0 {
			fmt.Fprintf(&b, `<text class="axis" x="%g" y="%d" text-anchor="middle">%s</text>`, tenth(float64(i)*group+group/2),
				barsHeight-7, svgText(label))
		}
		b.WriteString("\n")
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// legend names the series above the bars.
func (c Bars) legend(b *strings.Builder) {
	x := 2.0
	for _, s := range c.Series {
		fmt.Fprintf(b, `<rect class="span %s" x="%g" y="6" width="12" height="12"/><text class="name" x="%g" y="16">%s</text>`,
			toneName(s.Tone), x, x+17, svgText(s.Label))
		x = tenth(x + 17 + textWidth(s.Label) + 18)
	}
	b.WriteString("\n")
}
