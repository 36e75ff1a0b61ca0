package compile

import (
	"runtime"
	"sync"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/slo"
)

// Draft is what becomes of one SLO, before its rules are written out: drafts of thousands of SLOs take little memory.
// Its Result has no groups.
type Draft struct {
	Result
	Alerts int      // alerting rules
	family []*Draft // of the first of those that share recordings: all of them, itself included
	compiler
}

// Failed reports whether nothing becomes of the SLO, because a finding is an error.
func (d *Draft) Failed() bool { return diag.Any(d.Findings, diag.Error) }

// Pairs names the pairs of windows that alerts watch, such as page 1h/5m.
func (d *Draft) Pairs() []string { return d.names }

// draft decides the rules of one SLO.
func draft(p planner, s slo.SLO, o Options) *Draft {
	d := &Draft{Result: Result{SLO: s}, compiler: compiler{matchers: "{slo=" + quoted(s.ID) + "}", options: o, every: o.Every()}}
	d.slo = &d.SLO
	if len(s.Components) > 0 {
		d.labels = map[string]string{"slo": s.ID}
	}
	d.plan = p.plan(s, d.base(), o)
	d.read()
	d.findings = append(d.findings, d.events.Findings...)
	d.check()
	d.checkLabels()
	d.checkTexts()
	d.checkComponents()
	d.By, d.Burns, d.Findings = d.events.By, d.burns, diag.Sort(d.findings)
	if !d.Failed() {
		d.Cost, d.Alerts = d.cost, d.alerts()
		d.Cost.PerSeries = d.perSeries()
		d.Cost.Rules = d.size()
	}
	return d
}

// Prepare drafts many SLOs at once, in their order, and lets those that count the same events share them.
func Prepare(slos []slo.SLO, o Options) []*Draft {
	out := make([]*Draft, len(slos))
	each(len(slos), func() func(int) {
		p := planner{}
		return func(i int) { out[i] = draft(p, slos[i], o) }
	})
	share(out)
	return out
}

// Groups writes the rules of SLOs out that share recordings: what alerts depend on in one group, as rules of one group
// see one moment, then the budgets. It gives none when a draft failed.
func Groups(family []*Draft) []rules.Group {
	var fast rules.Group
	var rest []rules.Group
	for i, d := range family {
		if d.Failed() {
			return nil
		}
		groups := d.groups()
		if i == 0 {
			fast = groups[0]
		} else {
			fast.Rules = append(fast.Rules, groups[0].Rules...)
		}
		rest = append(rest, groups[1:]...)
	}
	return append([]rules.Group{fast}, rest...)
}

func (c *compiler) groups() []rules.Group {
	if len(c.slo.Components) == 0 {
		c.labels = map[string]string{"slo": c.slo.ID}
		c.parts[0].labels = c.labels
		defer func() { c.labels, c.parts[0].labels = nil, nil }()
	}
	out := []rules.Group{c.fast(), c.slow()}
	if c.options.SlothNames {
		for _, g := range out {
			c.slothAlerts(g.Rules)
		}
		out = append(out, c.slothGroup())
	}
	return out
}

// All compiles many SLOs at once, each by itself, and gives their results in the order of the SLOs.
func All(slos []slo.SLO, o Options) []Result {
	out := make([]Result, len(slos))
	each(len(slos), func() func(int) {
		p := planner{}
		return func(i int) {
			d := draft(p, slos[i], o)
			d.Groups = Groups([]*Draft{d})
			out[i] = d.Result
		}
	})
	return out
}

// each calls a function for the numbers below n, on every processor; worker makes the function of one of them.
func each(n int, worker func() func(int)) {
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for part := range workers {
		wg.Go(func() {
			work := worker()
			for i := part; i < n; i += workers {
				work(i)
			}
		})
	}
	wg.Wait()
}
