package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// Course is how a share went over time, on a logarithmic scale, with the limits that it may cross, above rows of what happened
// meanwhile: all on one line of time, in UTC. Values come by columns of equal length, with the lowest and the highest of each, so that a
// chart of any time has the same size; NaN is a gap. Without columns there are the rows alone.
//
// A minimal use: Course{Text: "Errors of payments", From: a, To: b, Line: []Range{{0, 0.1}}, Limits: []Limit{{Label: "page 1h", Value:
// 0.0144, Tone: Bad}}, Rows: []TimelineRow{{Label: "page", Spans: []Span{{Label: "ErrorBudgetBurn", From: c, To: d, Tone: Bad}}}}}.
type Course struct {
	Text     string // the caption: one sentence that says what the picture shows
	From, To time.Time
	Line     []Range // drawn as a line
	Area     []Range // shaded, behind the line
	Limits   []Limit
	Rows     []TimelineRow // Marks and Bands are not used
}

// Range is the lowest and the highest value of a column.
type Range struct{ Low, High float64 }

// Limit is a value that matters.
type Limit struct {
	Label string
	Value float64
	Tone  Tone
}

// Columns is how many columns a chart has at the most: a pixel each.
const Columns = plotWidth

// Caption returns the text of the chart.
func (c Course) Caption() string { return c.Text }

// The measures of the drawing, in CSS pixels.
const (
	courseHeight = 190 // of the values
	courseHead   = 10
	courseRow    = 22
	courseBar    = 14
	courseFoot   = 22
	mostTitled   = 60 // spans of a row that have a title each; more are one shape
	mostWords    = 20 // spans of a row that are told in words each
)

// coursePlot is the drawing of a chart.
type coursePlot struct {
	Course
	top    float64 // of the rows
	height float64
	decade float64 // the exponent at the bottom, where 0 is drawn too
	b      strings.Builder
}

// SVG writes two svg elements: the names of rows with the scale, which stay in place when the page scrolls the second, the plot.
func (c Course) SVG(w io.Writer) error {
	p := coursePlot{Course: c, top: courseHead}
	if len(c.Line) > 0 {
		p.top += courseHeight
	}
	p.height = p.top + float64(len(c.Rows))*courseRow + courseFoot
	p.decade = p.lowest()
	p.labels()
	fmt.Fprintf(&p.b, `<svg class="plot" width="%d" height="%g" role="img"%s><title>%s</title>`+"\n", plotWidth+linesRight, p.height,
		extentData(c.From, c.To, plotWidth), svgText(c.Text))
	p.axis()
	if len(c.Line) > 0 {
		p.area()
		p.limits()
		p.line()
	}
	for i, r := range c.Rows {
		p.row(r, p.top+float64(i)*courseRow)
	}
	p.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Words says how high the value was, what the limits are, and what happened in each row.
func (c Course) Words() []string {
	var out []string
	peak, at := 0.0, 0
	for i, r := range c.Line {
		if r.High > peak {
			peak, at = r.High, i
		}
	}
	if len(c.Line) > 0 {
		out = append(out, fmt.Sprintf("highest: %s, about %s", percentOf(peak),
			minute(c.From.Add(c.To.Sub(c.From)*time.Duration(at)/time.Duration(len(c.Line))))))
	}
	for _, l := range c.Limits {
		out = append(out, l.Label+": "+percentOf(l.Value))
	}
	for _, r := range c.Rows {
		var parts []string
		for i, s := range r.Spans {
			if i == mostWords {
				parts = append(parts, fmt.Sprintf("and %d more", len(r.Spans)-i))
				break
			}
			parts = append(parts, s.minutes())
		}
		if len(parts) == 0 {
			parts = []string{"none"}
		}
		out = append(out, r.Label+": "+strings.Join(parts, "; "))
	}
	return out
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// minutes is a span in words, to the minute.
func (s Span) minutes() string { return s.Label + ", " + minute(s.From) + " to " + minute(s.To) }

// lowest is the decade at the bottom: the one below the lowest limit.
func (p *coursePlot) lowest() float64 {
	low := 0.01
	for _, l := range p.Limits {
		if l.Value > 0 {
			low = min(low, l.Value)
		}
	}
	return max(-7, math.Floor(math.Log10(low)-0.3))
}

func (p *coursePlot) x(at time.Time) float64 {
	share := float64(at.Sub(p.From)) / float64(max(1, p.To.Sub(p.From)))
	return tenth(min(1, max(0, share)) * plotWidth)
}

// y is the place of a value, to the pixel; 0 and what is below the scale is at its bottom.
func (p *coursePlot) y(v float64) float64 {
	up := 0.0
	if v > 0 {
		up = min(1, max(0, 1-math.Log10(v)/p.decade))
	}
	return courseHead + math.Round((1-up)*(courseHeight-courseHead))
}

// labels writes the scale and the names of the rows.
func (p *coursePlot) labels() {
	width := 64.0
	for _, r := range p.Rows {
		width = max(width, textWidth(cut(oneLine(r.Label), maxLabel))+2*labelMargin)
	}
	fmt.Fprintf(&p.b, `<svg class="labels" width="%g" height="%g" aria-hidden="true">`+"\n", math.Ceil(width), p.height)
	if len(p.Line) > 0 {
		for d := p.decade + 1; d <= 0; d++ {
			v := math.Pow(10, d)
			fmt.Fprintf(&p.b, `<text class="axis" x="%g" y="%g" text-anchor="end">%s</text>`, width-6, p.y(v)+4, percentOf(v))
		}
		fmt.Fprintf(&p.b, `<text class="axis" x="%g" y="%g" text-anchor="end">0</text>`+"\n", width-6, p.y(0)+4)
	}
	for i, r := range p.Rows {
		fmt.Fprintf(&p.b, `<text x="%d" y="%g">%s<title>%s</title></text>`+"\n", labelMargin, p.top+float64(i)*courseRow+courseRow/2+4,
			svgText(cut(oneLine(r.Label), maxLabel)), svgText(r.Label))
	}
	p.b.WriteString("</svg>")
}

// axis draws the grid, and days or hours below it.
func (p *coursePlot) axis() {
	if len(p.Line) > 0 {
		for d := p.decade + 1; d <= 0; d++ {
			fmt.Fprintf(&p.b, `<line class="grid" x1="0" y1="%g" x2="%d" y2="%g"/>`, p.y(math.Pow(10, d)), plotWidth, p.y(math.Pow(10, d)))
		}
	}
	for i := range len(p.Rows) + 1 {
		y := p.top + float64(i)*courseRow
		fmt.Fprintf(&p.b, `<line class="grid" x1="0" y1="%g" x2="%d" y2="%g"/>`, y, plotWidth, y)
	}
	every, form := 24*time.Hour*time.Duration(max(1, math.Ceil(p.To.Sub(p.From).Hours()/24/12))), "2 Jan"
	if p.To.Sub(p.From) <= 48*time.Hour {
		every, form = max(time.Hour, (p.To.Sub(p.From)/8).Round(time.Hour)), "15:04"
	}
	for at := p.From.UTC().Truncate(24 * time.Hour); at.Before(p.To); at = at.Add(every) {
		if x := p.x(at); !at.Before(p.From) {
			fmt.Fprintf(&p.b, `<line class="grid" x1="%g" y1="%d" x2="%g" y2="%g"/>`, x, courseHead, x, p.height-courseFoot)
			if x < plotWidth-30 {
				fmt.Fprintf(&p.b, `<text class="axis" x="%g" y="%g">%s</text>`, x+2, p.height-7, at.Format(form))
			}
		}
	}
	p.b.WriteString("\n")
}

// area shades the columns between their lowest and highest values: along the highest to the right, and back along the lowest.
func (p *coursePlot) area() {
	var path strings.Builder
	wide := plotWidth / float64(max(1, len(p.Area)))
	for from := 0; from < len(p.Area); {
		to := from
		for to < len(p.Area) && !math.IsNaN(p.Area[to].High) {
			to++
		}
		if to == from {
			from++
			continue
		}
		at := p.y(p.Area[from].Low)
		fmt.Fprintf(&path, "M%g %g", tenth(float64(from)*wide), at)
		edge := func(i int, y float64) {
			if y != at {
				fmt.Fprintf(&path, "H%gV%g", tenth(float64(i)*wide), y)
			}
			at = y
		}
		for i := from; i < to; i++ {
			edge(i, p.y(p.Area[i].High))
		}
		for i := to - 1; i >= from; i-- {
			edge(i+1, p.y(p.Area[i].Low))
		}
		path.WriteString("z")
		from = to
	}
	p.path("area", path.String())
}

// line draws the columns through their lowest and highest values, with a piece for each stretch without gap.
func (p *coursePlot) line() {
	var path strings.Builder
	wide := plotWidth / float64(max(1, len(p.Line)))
	at, open := 0.0, false
	for i, r := range append(p.Line[:len(p.Line):len(p.Line)], Range{math.NaN(), math.NaN()}) {
		x, low, high := tenth(float64(i)*wide), p.y(r.Low), p.y(r.High)
		switch {
		case math.IsNaN(r.High):
			if open {
				fmt.Fprintf(&path, "H%g", x)
			}
			open = false
			continue
		case !open:
			fmt.Fprintf(&path, "M%g %g", x, low)
		case low != at:
			fmt.Fprintf(&path, "H%gV%g", x, low)
		case high != low:
			fmt.Fprintf(&path, "H%g", x)
		}
		if high != low {
			fmt.Fprintf(&path, "V%g", high)
		}
		at, open = high, true
	}
	p.path("line", path.String())
}

func (p *coursePlot) path(class, d string) {
	if d != "" {
		fmt.Fprintf(&p.b, `<path class="%s" d="%s"/>`+"\n", class, d)
	}
}

// limits draws the limits, with their names beside the plot, pushed apart where they are close.
func (p *coursePlot) limits() {
	name := float64(courseHead)
	for _, l := range p.Limits { // from the highest value down
		y := p.y(l.Value)
		fmt.Fprintf(&p.b, `<line class="limit %s" x1="0" y1="%g" x2="%d" y2="%g"><title>%s</title></line>`, toneName(l.Tone), y,
			plotWidth, y, svgText(l.Label))
		name = max(name+nameHeight, y+4)
		fmt.Fprintf(&p.b, `<text class="name" x="%d" y="%g">%s<title>%s</title></text>`+"\n", plotWidth+6, name,
			svgText(cut(oneLine(l.Label+" "+percentOf(l.Value)), 24)), svgText(l.Label+": "+percentOf(l.Value)))
	}
}

// row draws what happened; spans that touch on the picture are one, and many are one shape, so that the picture is bounded.
func (p *coursePlot) row(r TimelineRow, y float64) {
	y += (courseRow - courseBar) / 2.0
	type bar struct {
		from, to float64
		first    Span
		last     time.Time
		times    int
	}
	var bars []bar
	for _, s := range r.Spans {
		from := p.x(s.From)
		to := max(p.x(s.To), from+2) // a short one must still be seen
		if n := len(bars) - 1; n >= 0 && from <= bars[n].to && bars[n].first.Tone == s.Tone {
			bars[n].to, bars[n].times = max(bars[n].to, to), bars[n].times+1
			if s.To.After(bars[n].last) {
				bars[n].last = s.To
			}
			continue
		}
		bars = append(bars, bar{from, to, s, s.To, 1})
	}
	if len(bars) > mostTitled {
		fmt.Fprintf(&p.b, `<path class="span %s" d="`, toneName(bars[0].first.Tone))
		for _, x := range bars {
			fmt.Fprintf(&p.b, "M%g %gH%gv%dH%gz", x.from, y, x.to, courseBar, x.from)
		}
		fmt.Fprintf(&p.b, `"><title>%s</title></path>`+"\n", svgText(fmt.Sprintf("%s: %d times", r.Label, len(r.Spans))))
		return
	}
	for _, x := range bars {
		title := x.first.minutes()
		if x.times > 1 {
			title = Span{Label: fmt.Sprintf("%s and others, %d times", x.first.Label, x.times), From: x.first.From, To: x.last}.minutes()
		}
		fmt.Fprintf(&p.b, `<rect class="span %s" x="%g" y="%g" width="%g" height="%d"><title>%s</title></rect>`, toneName(x.first.Tone),
			x.from, y, tenth(x.to-x.from), courseBar, svgText(title))
	}
	p.b.WriteString("\n")
}
