package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// measured is a row of the table of planning times.
type measured struct {
	clusters    float64
	wide, tight time.Duration // at 3× and at 1.5× the capacity that is needed
}

const growthHeader = "| clusters | time at 3× | gap at 3× | time at 1.5× | gap at 1.5× |"

// growthRows reads the table of planning times on a page, from 100 clusters on.
func growthRows(page string) ([]measured, error) {
	_, table, found := strings.Cut(page, growthHeader+"\n")
	if !found {
		return nil, fmt.Errorf("the page has no table %q", growthHeader)
	}
	var out []measured
	for i, line := range strings.Split(table, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if i == 0 {
			continue // the line below the header
		}
		if len(cells) < 5 {
			break
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(cells[0], ",", ""), 64)
		if err != nil {
			return nil, fmt.Errorf("clusters: %w", err)
		}
		row := measured{clusters: n}
		for cell, into := range map[string]*time.Duration{cells[1]: &row.wide, cells[3]: &row.tight} {
			if *into, err = time.ParseDuration(strings.ReplaceAll(cell, " ", "")); err != nil {
				return nil, fmt.Errorf("%s clusters: %w", cells[0], err)
			}
		}
		if n >= 100 {
			out = append(out, row)
		}
	}
	if len(out) < 2 {
		return nil, fmt.Errorf("the table of planning times has %d rows from 100 clusters on; want two or more", len(out))
	}
	return out, nil
}

// The field of the plot, in pixels: one power of ten is as long along both axes, so that linear growth rises by 45 degrees.
const (
	plotLeft, plotTop = 70.0, 40.0
	decade            = 140.0
	decadesX          = 2.6 // from 100 clusters
	decadesY          = 2.5 // up to ten seconds
)

func plotX(clusters float64) float64 { return plotLeft + decade*math.Log10(clusters/100) }
func plotY(d time.Duration) float64 {
	return plotTop + decade*math.Log10(10/d.Seconds())
}

// growthPlot draws planning times over the number of clusters, both logarithmic, beside growth in proportion.
func growthPlot(rows []measured) string {
	var b strings.Builder
	right, bottom := plotLeft+decade*decadesX, plotTop+decade*decadesY
	fmt.Fprintf(
		&b,
		`<svg xmlns="http://www.w3.org/2000/svg" width="680" height="450" viewBox="0 0 680 450" role="img" aria-labelledby="t d" font-family="sans-serif" font-size="13">
<title id="t">Time to plan, by the number of clusters</title>
<desc id="d">%s</desc>
<rect width="680" height="450" fill="#ffffff"/>
<text x="%g" y="24" fill="#333333" font-weight="bold">seconds to plan 156 weeks, two cores</text>
`,
		growthWords(rows),
		plotLeft,
	)
	for _, n := range []int{100, 300, 1000, 3000, 10000, 30000} {
		x := plotX(float64(n))
		fmt.Fprintf(
			&b,
			`<path d="M%.1f %g V%g" stroke="#dddddd"/><text x="%.1f" y="%g" fill="#333333" text-anchor="middle">%d</text>`+"\n",
			x,
			plotTop,
			bottom,
			x,
			bottom+20,
			n,
		)
	}
	for _, s := range []string{"0.1", "0.3", "1", "3", "10"} {
		d, _ := time.ParseDuration(s + "s") // they are written here
		y := plotY(d)
		fmt.Fprintf(
			&b,
			`<path d="M%g %.1f H%g" stroke="#dddddd"/><text x="%g" y="%.1f" fill="#333333" text-anchor="end">%s</text>`+"\n",
			plotLeft,
			y,
			right,
			plotLeft-8,
			y+4,
			s,
		)
	}
	fmt.Fprintf(&b, `<text x="%g" y="%g" fill="#333333" text-anchor="middle">clusters</text>`+"\n", (plotLeft+right)/2, bottom+42)
	last := rows[len(rows)-1]
	from := rows[0].clusters
	for i := len(rows) - 1; i >= 0 && float64(last.tight)*rows[i].clusters/last.clusters >= float64(40*time.Millisecond); i-- {
		from = rows[i].clusters
	}
	fmt.Fprintf(
		&b,
		`<path d="M%.1f %.1f L%.1f %.1f" stroke="#555555" stroke-width="1.5" stroke-dasharray="5 4"/><text x="%g" y="%g" fill="#555555">in proportion to clusters</text><path d="M%g %g h24" stroke="#555555" stroke-width="1.5" stroke-dasharray="5 4"/>`+"\n",
		plotX(
			from,
		),
		plotY(time.Duration(float64(last.tight)*from/last.clusters)),
		plotX(last.clusters),
		plotY(last.tight),
		right+44,
		plotTop+54,
		right+14,
		plotTop+50,
	)
	line(&b, rows, "#b4530a", "at 1.5× the capacity", plotTop+10, right, func(m measured) time.Duration { return m.tight })
	line(&b, rows, "#2f6f9f", "at 3× the capacity", plotTop+30, right, func(m measured) time.Duration { return m.wide })
	b.WriteString("</svg>\n")
	return b.String()
}

// line draws the times of one capacity, and its name beside the field.
func line(b *strings.Builder, rows []measured, colour, name string, nameY, right float64, of func(measured) time.Duration) {
	points := make([]string, 0, len(rows))
	for _, m := range rows {
		points = append(points, fmt.Sprintf("%.1f,%.1f", plotX(m.clusters), plotY(of(m))))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`+"\n", plotX(m.clusters), plotY(of(m)), colour)
	}
	fmt.Fprintf(
		b,
		`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/><path d="M%g %g h24" stroke="%s" stroke-width="2"/><text x="%g" y="%g" fill="#333333">%s</text>`+"\n",
		strings.Join(points, " "),
		colour,
		right+14,
		nameY,
		colour,
		right+44,
		nameY+4,
		name,
	)
}

// growthWords says what the plot shows.
func growthWords(rows []measured) string {
	parts := make([]string, 0, len(rows))
	for _, m := range rows {
		parts = append(parts, fmt.Sprintf("%g clusters: %s at 3× the capacity, %s at 1.5×", m.clusters, m.wide, m.tight))
	}
	return strings.Join(parts, "; ") + "."
}

// writePlot draws the table of planning times of a page beside it.
func writePlot(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	rows, err := growthRows(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(filepath.Join(filepath.Dir(page), "plan-growth.svg"), []byte(growthPlot(rows)), 0o644)
}
