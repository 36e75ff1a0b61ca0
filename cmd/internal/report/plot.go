package report

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// plot is a Timeline while it is drawn.
type plot struct {
	t             Timeline
	from, to      time.Time
	width, height float64
	taken         []stretch // what is already written or drawn in the row at hand
	b             strings.Builder
}

// stretch is a range of x.
type stretch struct{ from, to float64 }

func newPlot(t Timeline) *plot {
	p := &plot{t: t, height: headHeight + float64(len(t.Rows))*rowHeight + 4}
	p.from, p.to = t.extent()
	const monthDays = 365.25 / 12
	p.width = math.Round(max(plotWidth, p.to.Sub(p.from).Hours()/24/monthDays*minMonth))
	return p
}

// x is the place of a time, within the plot.
func (p *plot) x(at time.Time) float64 {
	share := float64(at.Sub(p.from)) / float64(p.to.Sub(p.from))
	return tenth(min(1, max(0, share)) * p.width)
}

// tenth rounds to a tenth of a pixel, so that the same chart is the same bytes on every machine.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// svgText escapes a text for SVG; characters that XML does not allow, or that steer, are shown as replaced.
func svgText(s string) string { return html.EscapeString(oneLine(s)) }

func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s)) * glyphWidth }

func (p *plot) labels() {
	width := 0.0
	for _, r := range p.t.Rows {
		width = max(width, textWidth(cut(oneLine(r.Label), maxLabel)))
	}
	width = math.Ceil(width + 2*labelMargin)
	fmt.Fprintf(&p.b, `<svg class="labels" width="%g" height="%g" aria-hidden="true">`+"\n", width, p.height)
	for i, r := range p.t.Rows {
		fmt.Fprintf(&p.b, `<text x="%d" y="%g">%s<title>%s</title></text>`+"\n", labelMargin,
			headHeight+float64(i)*rowHeight+rowHeight/2+4.0, svgText(cut(oneLine(r.Label), maxLabel)), svgText(r.Label))
	}
	p.b.WriteString("</svg>")
}

func (p *plot) open() {
	fmt.Fprintf(&p.b, `<svg class="plot" width="%g" height="%g" role="img"%s><title>%s</title>`+"\n",
		p.width, p.height, extentData(p.from, p.to, p.width), svgText(p.t.Text))
}

// extentData tells the page's script which time a plot shows, in seconds since 1970, and how wide that is drawn; 0 is the whole plot.
func extentData(from, to time.Time, width float64) string {
	return fmt.Sprintf(` data-from="%d" data-to="%d" data-wide="%g"`, from.Unix(), to.Unix(), width)
}

// axis draws the months: names where they fit, else quarters, with the year at each January and at the left end.
func (p *plot) axis() {
	monthWidth := p.x(p.from.AddDate(0, 1, 0))
	step := 1
	if monthWidth < 30 {
		step = 3
	}
	for m := month(p.from); m.Before(p.to); m = m.AddDate(0, 1, 0) {
		x := p.x(m)
		first := !m.After(p.from)
		if (int(m.Month())-1)%step == 0 || first {
			fmt.Fprintf(&p.b, `<line class="grid" x1="%g" y1="18" x2="%g" y2="%g"/>`, x, x, p.height)
		}
		if next := p.x(m.AddDate(0, 1, 0)); (int(m.Month())-1)%step == 0 && p.width-x > 22 && next-x > 24 {
			fmt.Fprintf(&p.b, `<text class="axis" x="%g" y="28">%s</text>`, x+3, m.Format("Jan"))
		}
		if (m.Month() == time.January || first && (m.Month() < time.November || monthWidth > 60)) && p.width-x > 32 {
			fmt.Fprintf(&p.b, `<text class="axis year" x="%g" y="13">%d</text>`, x+3, m.Year())
		}
	}
	for i := range p.t.Rows {
		y := headHeight + float64(i)*rowHeight
		fmt.Fprintf(&p.b, `<line class="grid" x1="0" y1="%g" x2="%g" y2="%g"/>`, y, p.width, y)
	}
	p.b.WriteString("\n")
}

// band shades a time; a named one has its name above the rows.
func (p *plot) band(s Span, top, bottom float64, named bool) {
	from, to := p.x(s.From), p.x(s.To)
	if to <= from {
		return
	}
	fmt.Fprintf(&p.b, `<rect class="band" x="%g" y="%g" width="%g" height="%g"><title>%s</title></rect>`,
		from, top, tenth(to-from), bottom-top, svgText(s.title()))
	if named && (to-from > textWidth(s.Label) || from+textWidth(s.Label) < p.width) && p.free(stretch{from, from + textWidth(s.Label)}) {
		fmt.Fprintf(&p.b, `<text class="axis" x="%g" y="%d">%s</text>`, from+2, headHeight-5, svgText(s.Label))
	}
	p.b.WriteString("\n")
}

// free takes a stretch if nothing lies there.
func (p *plot) free(want stretch) bool {
	for _, s := range p.taken {
		if want.from < s.to && s.from < want.to {
			return false
		}
	}
	p.taken = append(p.taken, want)
	return true
}

func (p *plot) row(r TimelineRow, y float64) {
	for _, band := range r.Bands {
		p.band(band, y, y+rowHeight, false)
	}
	p.taken = nil
	var outside []stretch // of spans whose label did not fit in: written beside them if there is room
	var names []string
	for _, s := range r.Spans {
		from, to := p.x(s.From), p.x(s.To)
		if s.To.Before(p.from) || !s.From.Before(p.to) {
			continue
		}
		to = max(to, min(from+3, p.width)) // a short span must still be seen
		p.taken = append(p.taken, stretch{from, to})
		fmt.Fprintf(&p.b, `<rect class="span %s" x="%g" y="%g" width="%g" height="%d"><title>%s</title></rect>`,
			toneName(s.Tone), from, y+(rowHeight-barHeight)/2.0, tenth(to-from), barHeight, svgText(s.title()))
		if textWidth(s.Label)+8 <= to-from {
			p.label(from+4, y, s.Label)
		} else {
			outside, names = append(outside, stretch{from, to}), append(names, s.Label)
		}
	}
	for _, m := range r.Marks {
		if x, ok := p.mark(m, y); ok {
			outside, names = append(outside, stretch{x - 6, x + 6}), append(names, m.Label)
		}
	}
	for i, s := range outside {
		if end := s.to + 4 + textWidth(names[i]); names[i] != "" && end < p.width && p.free(stretch{s.to + 2, end}) {
			p.label(s.to+4, y, names[i])
		}
	}
	p.b.WriteString("\n")
}

func (p *plot) label(x, y float64, text string) {
	fmt.Fprintf(&p.b, `<text class="name" x="%g" y="%g">%s</text>`, x, y+rowHeight/2+4.0, svgText(text))
}

// mark draws a diamond and says where; a mark outside the chart is not drawn.
func (p *plot) mark(m Mark, y float64) (x float64, ok bool) {
	if m.At.Before(p.from) || m.At.After(p.to) {
		return 0, false
	}
	x = p.x(m.At)
	p.taken = append(p.taken, stretch{x - 6, x + 6})
	fmt.Fprintf(&p.b, `<path class="mark %s" d="M%g %gl6 6-6 6-6-6z"><title>%s</title></path>`,
		toneName(m.Tone), x, y+rowHeight/2-6.0, svgText(m.title()))
	return x, true
}

func (p *plot) today(at time.Time) {
	if at.IsZero() || at.Before(p.from) || at.After(p.to) {
		return
	}
	x := p.x(at)
	fmt.Fprintf(&p.b, `<line class="today" x1="%g" y1="30" x2="%g" y2="%g"><title>today, %s</title></line>`+"\n", x, x, p.height, day(at))
}

// toneName is the class of the page that shows a tone.
func toneName(t Tone) string { return [...]string{"plain", "good", "warn", "bad", "muted"}[t] }

func cut(text string, width int) string {
	if r := []rune(text); len(r) > width {
		return string(r[:max(0, width-1)]) + "…"
	}
	return text
}
