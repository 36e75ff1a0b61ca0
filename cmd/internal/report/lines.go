package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lines is a chart of values over time: one line for each thing, shaded bands for times of note, and a dashed line for a
// value that matters. Values are shares and shown in percent; what is NaN is a gap.
//
// A minimal use: Lines{Text: "Budget left", From: a, To: b, Lines: []Line{{Label: "payments", Points: []Point{{At: a, Value: 1}}}}}.
type Lines struct {
	Text     string // the caption: one sentence that says what the picture shows
	From, To time.Time
	Lines    []Line
	Bands    []Span // shaded, such as incidents; Tone is not used
	Mark     float64
	MarkName string // names the dashed line at Mark; "" draws none
}

// Line is one line, its points in the order of time.
type Line struct {
	Label  string
	Tone   Tone
	Points []Point
}

// Point is a value at a time.
type Point struct {
	At    time.Time
	Value float64
}

// Caption returns the text of the chart.
func (l Lines) Caption() string { return l.Text }

// The measures of the drawing, in CSS pixels.
const (
	linesHeight = 220
	linesTop    = 12
	linesFoot   = 24
	linesRight  = 150 // where the lines are named
	nameHeight  = 14
)

// linePlot is the drawing of a chart.
type linePlot struct {
	Lines
	low, high, step float64
	b               strings.Builder
}

// SVG writes three svg elements: the scale, which stays in place when the page scrolls the others, the plot, which is as wide as the
// page leaves it, and the names of the lines.
func (l Lines) SVG(w io.Writer) error {
	d := linePlot{Lines: l}
	d.scale()
	d.ticks()
	fmt.Fprintf(&d.b, `<svg class="plot fluid" height="%d" role="img"%s><title>%s</title>`+"\n", linesHeight, extentData(l.From, l.To, 0), svgText(l.Text))
	for _, s := range l.Bands {
		if from, to := d.share(s.From), d.share(s.To); to > from || s.To.After(s.From) {
			fmt.Fprintf(&d.b, `<rect class="band" x="%s" y="%d" width="%s" height="%d"><title>%s</title></rect>`+"\n",
				part(from), linesTop, part(to-from), linesHeight-linesTop-linesFoot, svgText(s.title()))
		}
	}
	d.axis()
	if l.MarkName != "" {
		y := d.y(l.Mark)
		fmt.Fprintf(&d.b, `<line class="today" x1="0" y1="%g" x2="100%%" y2="%g"><title>%s</title></line>`, y, y, svgText(l.MarkName))
		name := y - 4 // above the line; below it where lines of values are likely
		if y < linesTop+linesHeight/4 {
			name = y + 12
		}
		fmt.Fprintf(&d.b, `<text class="axis" x="4" y="%g">%s</text>`+"\n", tenth(name), svgText(l.MarkName))
	}
	fmt.Fprintf(&d.b, `<svg width="100%%" height="%d" viewBox="0 0 %d %d" preserveAspectRatio="none">`+"\n", linesHeight, plotWidth,
		linesHeight)
	for _, line := range l.Lines {
		d.line(line)
	}
	d.b.WriteString("</svg></svg>")
	d.names()
	_, err := io.WriteString(w, d.b.String())
	return err
}

// Words says where each line ends.
func (l Lines) Words() []string {
	var parts []string
	for _, line := range l.Lines {
		if at, ok := line.last(); ok {
			parts = append(parts, line.Label+": "+percentOf(at.Value)+" at the end")
		}
	}
	return parts
}

func (line Line) last() (Point, bool) {
	for _, p := range slices.Backward(line.Points) {
		if !math.IsNaN(p.Value) {
			return p, true
		}
	}
	return Point{}, false
}

// scale finds round bounds around everything shown.
func (d *linePlot) scale() {
	d.low, d.high = math.Inf(1), math.Inf(-1)
	see := func(v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			d.low, d.high = min(d.low, v), max(d.high, v)
		}
	}
	for _, line := range d.Lines.Lines {
		for _, p := range line.Points {
			see(p.Value)
		}
	}
	if d.MarkName != "" {
		see(d.Mark)
	}
	if d.low > d.high {
		d.low, d.high = 0, 1
	}
	if d.high-d.low < 1e-9 {
		d.low, d.high = d.low-0.0005, d.high+0.0005
	}
	d.step = math.Pow(10, math.Floor(math.Log10((d.high-d.low)/2)))
	for _, f := range []float64{1, 2, 5, 10} {
		if (d.high-d.low)/(d.step*f) <= 5 {
			d.step *= f
			break
		}
	}
	d.low, d.high = math.Floor(d.low/d.step+1e-9)*d.step, math.Ceil(d.high/d.step-1e-9)*d.step
}

// share is the place of a time, from 0 to 1.
func (d *linePlot) share(at time.Time) float64 {
	return min(1, max(0, float64(at.Sub(d.From))/float64(max(1, d.To.Sub(d.From)))))
}

// part is a share of the width of the plot.
func part(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'f', -1, 64) + "%"
}

func (d *linePlot) y(v float64) float64 {
	return tenth(linesTop + (d.high-v)/(d.high-d.low)*(linesHeight-linesTop-linesFoot))
}

// ticks writes the scale beside the plot.
func (d *linePlot) ticks() {
	fmt.Fprintf(&d.b, `<svg class="labels" width="64" height="%d" aria-hidden="true">`+"\n", linesHeight)
	for i := range d.steps() {
		v := d.low + float64(i)*d.step
		fmt.Fprintf(&d.b, `<text class="axis" x="58" y="%g" text-anchor="end">%s</text>`+"\n", d.y(v)+4, percentOf(v))
	}
	d.b.WriteString("</svg>")
}

func (d *linePlot) steps() int { return int(math.Round((d.high-d.low)/d.step)) + 1 }

// percentOf writes a share with as few digits as say it.
func percentOf(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e4, 'f', -1, 64) + "%"
}

// axis draws the grid and the days.
func (d *linePlot) axis() {
	for i := range d.steps() {
		y := d.y(d.low + float64(i)*d.step)
		fmt.Fprintf(&d.b, `<line class="grid" x1="0" y1="%g" x2="100%%" y2="%g"/>`, y, y)
	}
	every := max(1, int(math.Ceil(d.To.Sub(d.From).Hours()/24/10)))
	from := d.From.UTC()
	n := 0
	for at := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC); at.Before(d.To); at = at.AddDate(0, 0, every) {
		if at.Before(d.From) {
			continue
		}
		x, class := d.share(at), "axis"
		if n++; n%2 == 0 { // a narrow page has no room for it
			class = "axis second"
		}
		fmt.Fprintf(&d.b, `<line class="grid" x1="%s" y1="%d" x2="%s" y2="%d"/>`, part(x), linesTop, part(x), linesHeight-linesFoot)
		if x < 0.95 {
			fmt.Fprintf(&d.b, `<text class="%s" x="%s" dx="2" y="%d">%s</text>`, class, part(x), linesHeight-8, at.Format("2 Jan"))
		}
	}
	d.b.WriteString("\n")
}

// line draws one line, in pieces where there are gaps.
func (d *linePlot) line(line Line) {
	var path strings.Builder
	pen := "M"
	for _, p := range line.Points {
		if math.IsNaN(p.Value) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&path, "%s%g %g", pen, tenth(d.share(p.At)*plotWidth), d.y(p.Value))
		pen = "L"
	}
	if path.Len() > 0 {
		fmt.Fprintf(&d.b, `<path class="line %s" d="%s"><title>%s</title></path>`+"\n", toneName(line.Tone), path.String(), svgText(line.Label))
	}
}

// names writes the name of each line beside its end, pushed apart where ends are close.
func (d *linePlot) names() {
	type name struct {
		y    float64
		text string
	}
	var all []name
	for _, line := range d.Lines.Lines {
		if p, ok := line.last(); ok {
			all = append(all, name{d.y(p.Value) + 4, line.Label})
		}
	}
	slices.SortStableFunc(all, func(a, b name) int { return cmp.Compare(a.y, b.y) })
	fmt.Fprintf(&d.b, `<svg class="names" width="%d" height="%d" aria-hidden="true">`+"\n", linesRight, linesHeight)
	bottom := float64(linesHeight - linesFoot - (len(all)-1)*nameHeight)
	for i := range all {
		if i > 0 {
			all[i].y = max(all[i].y, all[i-1].y+nameHeight)
		}
		all[i].y = min(all[i].y, bottom+float64(i*nameHeight))
		fmt.Fprintf(&d.b, `<text class="name" x="6" y="%g">%s<title>%s</title></text>`+"\n", tenth(all[i].y),
			svgText(cut(oneLine(all[i].text), 22)), svgText(all[i].text))
	}
	d.b.WriteString("</svg>\n")
}
