package compile

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/rules"
	"treadmill/slo"
)

//go:embed fill.sh
var fillScript string

// FillScript is a shell script that records the past with promtool, over a period and a little more: it runs the files of
// the passes of Draft.Fill, in their order, which lie beside it.
func FillScript(period slo.Window, passes []string) []byte {
	seconds := strconv.Itoa(int(time.Duration(period).Seconds()))
	return []byte(strings.NewReplacer("PERIOD", seconds, "PASSES", strings.Join(passes, " ")).Replace(fillScript))
}

// Fill gives the rules that record for the past what Groups record from now on, the longest period of the SLO included.
// They come in passes, because `promtool tsdb create-blocks-from rules` evaluates one rule over all of the time before the
// next one, without seeing what another rule of the same run recorded. The numbers are those that the rules would have
// recorded. An SLO that takes its tiles from another one reads raw series here. Alerts are not in the past.
func (d *Draft) Fill() [][]rules.Group {
	own := draft(planner{}, d.SLO, d.options)
	c := &own.compiler
	if own.Failed() {
		return nil
	}
	c.labels = map[string]string{"slo": c.slo.ID}
	if len(c.slo.Components) == 0 {
		c.parts[0].labels = c.labels
	}
	var out [][]rules.Group
	for _, pass := range c.fillTiles() {
		out = append(out, []rules.Group{c.filling(pass, c.every)})
	}
	out = append(out, c.fillLinks()...)
	if c.summedBurns() {
		windows := append([]slo.Window{slo.Tile}, windowsOf(slices.Concat(c.quick, c.period))...)
		out = append(out, []rules.Group{c.filling(c.recordedBurns(windows...), c.every)})
	}
	budgets := slices.DeleteFunc(c.budgets(), func(r rules.Rule) bool { return strings.HasPrefix(r.Record, BurnSeries) })
	out = append(out, []rules.Group{c.filling(budgets, periodEvery)})
	if c.options.SlothNames {
		out = append(out, []rules.Group{c.slothGroup()})
	}
	return out
}

// filling is a group of a pass. Its name is the same in all passes: by the names of file and group, promtool chooses the
// moments of evaluation within the interval.
func (c *compiler) filling(pass []rules.Rule, every slo.Window) rules.Group {
	return rules.Group{Name: "slo-" + c.slo.ID + "-past-" + every.String(), Interval: model.Duration(every), Rules: pass}
}

// fillTiles are the passes of the tiles: totals of raw series; then zeros where a group that had events within the period
// has no series, and bad events; where slices are counted, these first and tiles of them after.
func (c *compiler) fillTiles() [][]rules.Rule {
	bad, total := BadSeries+slo.Tile.String(), TotalSeries+slo.Tile.String()
	if w := c.slo.Indicator.Slice.Window; w > 0 {
		bad, total = sliceBad+w.String(), sliceTotal+w.String()
	}
	var first, second []rules.Rule
	for _, p := range c.parts {
		seen := total + p.matchers
		idle := "0 * (max_over_time(" + seen + "[" + c.slo.Period.Length.String() + ":" + slo.Tile.String() + "]) > 0)"
		all, of := p.History()
		first = append(first, rules.Rule{Record: total, Labels: p.labels, Expr: all})
		second = append(second, rules.Rule{Record: total, Labels: p.labels, Expr: idle + "\nunless " + seen},
			rules.Rule{Record: bad, Labels: p.labels, Expr: c.badOf(p, of, "("+seen+" or "+idle+")")})
	}
	out := [][]rules.Rule{first, second}
	if c.slo.Indicator.Slice.Window > 0 {
		all := c.slices()
		out = append(out, all[len(all)-2:len(all)-1], all[len(all)-1:])
	}
	return out
}

// fillLinks are the passes of the windows: each adds up windows of earlier passes, as the rules do.
func (c *compiler) fillLinks() [][]rules.Group {
	depth := map[slo.Window]int{slo.Tile: 0}
	var out [][]rules.Group
	add := func(l link, every slo.Window) {
		pass := depth[l.Of]
		depth[l.Window] = pass + 1
		if pass == len(out) {
			out = append(out, nil)
		}
		g, sums := c.filling(nil, every), c.sums([]link{l})
		if i := slices.IndexFunc(out[pass], func(o rules.Group) bool { return o.Name == g.Name }); i >= 0 {
			out[pass][i].Rules = append(out[pass][i].Rules, sums...)
			return
		}
		g.Rules = sums
		out[pass] = append(out[pass], g)
	}
	for _, l := range c.quick {
		add(l, c.every)
	}
	for _, l := range c.period {
		add(l, periodEvery)
	}
	return out
}
