package compile

import (
	"slices"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// Cost is what the rules of one SLO cost an engine.
type Cost struct {
	Rules int `json:"rules"`
	// PerSeries is the samples read each second for each raw series that a query matches.
	PerSeries slo.Number `json:"samplesPerSecondPerSeries"`
	// Recorded is the samples read each second from recorded series, for each group of the SLO.
	Recorded slo.Number `json:"recordedSamplesPerSecond"`
	// TotalFrom and BadFrom are the SLOs that count the same events, whose recordings are taken instead of raw series.
	TotalFrom string `json:"totalFrom,omitempty"`
	BadFrom   string `json:"badFrom,omitempty"`
}

// costs counts the samples that evaluations read.
func (p *plan) costs(o Options, parts int) *plan {
	often, seldom := 2*len(p.burns)*4+3, 0
	for _, l := range p.quick {
		often += l.samples()
	}
	for _, l := range p.period {
		seldom += l.samples()
	}
	perSecond := func(every slo.Window, n int) slo.Number {
		return second.Over(every).Mul(slo.NewNumber(int64(n*parts), 1))
	}
	p.cost = Cost{Recorded: perSecond(o.Every(), often).Add(perSecond(periodEvery, seldom))}
	return p
}

// perSeries is the samples read each second for each raw series: of a gauge, the scrapes of a tile at each evaluation.
func (c *compiler) perSeries() slo.Number {
	reads := c.base().Over(c.options.scrape())
	if len(c.parts[0].Counters) > 0 {
		reads = query.Reads(c.base(), c.options.scrape()).Add(slo.NewNumber(query.Keeps, 1))
	}
	return reads.Mul(second.Over(c.every))
}

// size is how many rules groups writes.
func (c *compiler) size() int {
	if len(c.slo.Components) > 0 {
		n := 0
		for _, g := range c.groups() {
			n += len(g.Rules)
		}
		return n
	}
	n := 2 + 2*len(c.parts[0].kept()) + 2*len(c.quick) + 2*len(c.period) + 3 + c.alerts()
	if c.slo.Indicator.Slice.Window > 0 {
		n += 2
	}
	if c.options.SlothNames {
		n += len(chain(c.windowsOfAlerts())) + 2 + 7
	}
	return n
}

// alerts is how many alerting rules groups writes.
func (c *compiler) alerts() int {
	n := 0
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		if c.alerted(severity) {
			n++
		}
	}
	if c.watchesData() {
		n++
	}
	return n
}

// alerted reports whether a severity has an alert.
func (c *compiler) alerted(severity slo.Severity) bool {
	return !c.slo.Alerting.Route(severity).Disabled &&
		slices.ContainsFunc(c.burns, func(b slo.Burn) bool { return b.Severity == severity })
}

const second = slo.Minute / 60

// samples is how many samples the two sums of a link read at one evaluation.
func (l link) samples() int {
	if l.Of == slo.Tile {
		return 2 + (l.Count-1)*(3+2)
	}
	return 2 * (1 + (l.Count-1)*(2+int(query.Bridge/slo.Tile)))
}
