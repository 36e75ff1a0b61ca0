// Package compile turns SLOs into rules that are right and cheap.
//
// The way through it: an slo.SLO → count (its queries over one window, as PromQL) → chain (how longer windows are added
// up from shorter ones) → Compile → rule groups. Only the increments of one tile, five minutes, read raw series; every
// longer window adds up recorded tiles, bad events and all events apart, and no ratio is ever averaged. docs/slo.md
// teaches the design. The package evaluates nothing and asks no server.
package compile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// Options are what holds for all SLOs of a run. The zero value is made for 30 s scrapes and evaluations.
type Options struct {
	SlothNames bool       // record Sloth's series beside ours, for its dashboards
	Evaluation slo.Window // how often alerts are evaluated; 0 means slo.Evaluation
	Scrape     slo.Window // how often the raw series are scraped; 0 means slo.Evaluation
	Traffic    slo.Number // events a second of each SLO; 0 means not known
	Retention  slo.Window // how long the server keeps what it records; 0 means long enough
	Runbook    string     // a link to the runbook of each alert, with the words of RunbookWords in braces; "" for none
}

// minScrapes is how many scrapes a window wants, so that it has two, and so a rate, when some are missed.
const minScrapes = 4

// periodEvery is how often the windows of the period, which page nobody, are evaluated.
const periodEvery = slo.Tile

// Every is how often alerts are evaluated.
func (o Options) Every() slo.Window {
	if o.Evaluation == 0 {
		return slo.Evaluation
	}
	return o.Evaluation
}

func (o Options) scrape() slo.Window {
	if o.Scrape == 0 {
		return slo.Evaluation
	}
	return o.Scrape
}

// Result is what became of one SLO. It has no groups when a finding is an error.
type Result struct {
	SLO      slo.SLO
	By       []string   // the labels of its groups
	Burns    []slo.Burn // what its alerts watch
	Groups   []rules.Group
	Cost     Cost
	Findings []diag.Finding
}

// Compile makes the rules of one SLO.
func Compile(s slo.SLO, o Options) Result {
	d := draft(planner{}, s, o)
	d.Groups = Groups([]*Draft{d})
	return d.Result
}

// compiler is the making of one SLO's rules.
type compiler struct {
	slo      *slo.SLO
	matchers string // {slo="id"}
	options  Options
	every    slo.Window
	parts    []part       // the components of a composite, else one
	events   query.Events // what the parts have in common
	*plan
	labels   map[string]string // the matchers as labels, which all recorded series share
	findings []diag.Finding
}

// read puts the queries into PromQL.
func (c *compiler) read() {
	c.parts = partsOf(*c.slo, c.matchers, c.labels, c.base())
	c.events = together(c.parts)
	if len(c.slo.Components) == 0 {
		c.events = c.parts[0].Events
	}
}

// base is the window over which queries read raw series.
func (c *compiler) base() slo.Window {
	if w := c.slo.Indicator.Slice.Window; w > 0 {
		return w
	}
	return slo.Tile
}

func (c *compiler) find(severity diag.Severity, id, format string, args ...any) {
	c.findings = append(c.findings, diag.Finding{ID: id, Severity: severity, Position: c.slo.Pos, Message: fmt.Sprintf(format, args...)})
}

// check says what is wrong with the windows.
func (c *compiler) check() {
	severity := diag.Warning
	if c.slo.Policy.Usual(c.slo.Period.Length) {
		severity = diag.Info // nobody wrote what is changed
	}
	period := c.slo.Period.Length
	if !whole(period) {
		c.find(diag.Error, "slo/period", "the period of %s must be a whole number of %s and at least 1d", period, slo.Tile)
		return
	}
	for _, change := range c.changes {
		c.find(severity, "slo/repaired", "%s", change)
	}
	if len(c.burns) == 0 {
		c.find(diag.Error, "slo/unreachable",
			"no pair of windows can work for an objective of %s over %s; lower the objective's budget or lengthen the period",
			c.slo.Objective.Percent(), period)
		return
	}
	scrape := c.options.scrape()
	if c.widened != "" {
		c.find(diag.Info, "slo/scrapes", "%s", c.widened)
	}
	if scrape > slo.Tile {
		c.find(diag.Error, "slo/scrapes",
			"Prometheus takes a series for ended whose last sample is older than %s, so a scrape interval of %s leaves nothing to count; scrape at least every %s",
			slo.Tile, scrape, slo.Tile)
	}
	if w := c.slo.Indicator.Slice.Window; w > 0 && w < minScrapes*scrape {
		c.find(diag.Warning, "slo/window",
			"a slice of %s holds %d scrapes at %s and fewer at longer intervals; with less than four, one that is missed decides a slice: take slices of 5m",
			w, w/scrape, scrape)
	}
	c.checkBudget()
	c.checkRetention()
	if cal := c.slo.Period.Calendar; cal != nil {
		c.find(diag.Info, "slo/calendar", "the recorded budget rolls over %s; the calendar period, which turns in %s, is for reports",
			period, cal.Zone)
	}
}

func (c *compiler) record(series, expr string) rules.Rule {
	return rules.Rule{Record: series, Expr: expr, Labels: c.labels}
}

// fast is the group that alerts depend on: tiles, windows and alerts, evaluated together at one time.
func (c *compiler) fast() rules.Group {
	g := rules.Group{Name: "slo-" + c.slo.ID, Interval: model.Duration(c.every), Rules: slices.Grow(c.tiles(), 2*len(c.quick)+2)}
	g.Rules = append(g.Rules, c.sums(c.quick)...)
	g.Rules = append(g.Rules, c.recordedBurns(append([]slo.Window{slo.Tile}, windowsOf(c.quick)...)...)...)
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		if c.alerted(severity) {
			g.Rules = append(g.Rules, c.alert(severity))
		}
	}
	return g
}

// slow is the group of the period's budget.
func (c *compiler) slow() rules.Group {
	g := rules.Group{Name: "slo-" + c.slo.ID + "-budget", Interval: model.Duration(periodEvery), Rules: c.sums(c.period)}
	g.Rules = append(g.Rules, c.budgets()...)
	g.Rules = append(g.Rules,
		c.record(ObjectiveSeries, "vector("+c.slo.Objective.String()+")"),
		c.info())
	if c.watchesData() {
		g.Rules = append(g.Rules, c.noData())
	}
	return g
}

func (c *compiler) info() rules.Rule {
	r := rules.Rule{Record: InfoSeries, Expr: "vector(1)", Labels: map[string]string{"slo": c.slo.ID}}
	for k, v := range c.slo.Labels {
		r.Labels[k] = v
	}
	r.Labels["slo_name"], r.Labels["slo_objective"], r.Labels["slo_period"] = c.slo.Name, c.objective(), c.slo.Period.Length.String()
	if c.slo.Service != "" {
		r.Labels["slo_service"] = c.slo.Service
	}
	return r
}

func (c *compiler) sums(links []link) []rules.Rule {
	out := make([]rules.Rule, 0, 2*len(links)+8) // and what comes after them
	for _, l := range links {
		total, bad := TotalSeries+l.Window.String(), BadSeries+l.Window.String()
		out = append(out,
			c.record(total, c.text(total, c.matchers, func() string { return l.sum(TotalSeries, c.matchers, false) })),
			c.record(bad, c.text(bad, c.matchers, func() string { return l.sum(BadSeries, c.matchers, true) })))
	}
	return out
}

// on is the matching of expressions that do not have the label slo yet with series that do.
func (c *compiler) on() string { return "on (" + strings.Join(c.events.By, ", ") + ") " }

// tiles are the rules that read raw series. A group of events that was seen within the period stays at zero when its
// series end; bad events that do not exist are none, and good ones that do not exist are none too.
func (c *compiler) tiles() []rules.Rule {
	if c.slo.Indicator.Slice.Window > 0 {
		return c.slices()
	}
	var out []rules.Rule
	tile := slo.Tile.String()
	for _, p := range c.parts {
		out = append(append(out, c.silent(p)...),
			rules.Rule{Record: TotalSeries + tile, Labels: p.labels, Expr: c.kept(p)},
			rules.Rule{Record: BadSeries + tile, Labels: p.labels, Expr: c.badOf(p, p.rule(p.RulePart), TotalSeries+tile+p.matchers)})
	}
	return out
}

// kept keeps the groups that had events within the period.
func (c *compiler) kept(p part) string {
	matchers := p.matchers
	if c.slo.Indicator.Slice.Window > 0 {
		matchers = c.matchers // what is kept of slices has no component
	}
	return p.rule(p.RuleTotal) + "\nor " + c.on() + "0 * (last_over_time(" + TotalSeries + c.slo.Period.Length.String() + matchers +
		"[15m]) > 0)"
}

// badOf is the bad events out of a recorded total, by what the part counts.
func (c *compiler) badOf(p part, counts, total string) string {
	if !p.Good || p.taken {
		return counts + "\nor " + c.on() + "0 * " + total
	}
	return "clamp_min(" + total + " - " + c.on() + "(" + counts + " or " + c.on() + "0 * " + total + "), 0)"
}

// seconds is a window as a number for PromQL.
func seconds(w slo.Window) string {
	return strconv.FormatFloat(time.Duration(w).Seconds(), 'f', -1, 64)
}
