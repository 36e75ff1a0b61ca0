package compile

import (
	"treadmill/rules"
	"treadmill/slo"
)

// Cost is what the rules of one SLO cost an engine.
type Cost struct {
	Rules int `json:"rules"`
	// PerSeries is the samples read each second for each raw series that a query matches: a tile's scrapes at each evaluation.
	PerSeries slo.Number `json:"samplesPerSecondPerSeries"`
	// Recorded is the samples read each second from recorded series, for each group of the SLO.
	Recorded slo.Number `json:"recordedSamplesPerSecond"`
}

// scrape is how often raw series are taken to be scraped.
const scrape = slo.Evaluation

// cost counts the samples that an evaluation reads.
func (c *compiler) cost(groups []rules.Group) Cost {
	out := Cost{PerSeries: c.base().Over(scrape).Mul(second.Over(c.every)), Recorded: slo.NewNumber(int64(2*len(c.burns)*4+3)*int64(len(c.parts)), 1).Mul(second.Over(c.every))}
	for _, g := range groups {
		out.Rules += len(g.Rules)
	}
	parts := int64(len(c.parts))
	for _, l := range c.quick {
		out.Recorded = out.Recorded.Add(slo.NewNumber(parts*int64(l.samples(false)), 1).Mul(second.Over(c.every)))
	}
	for _, l := range c.period {
		out.Recorded = out.Recorded.Add(slo.NewNumber(parts*int64(l.samples(true)), 1).Mul(second.Over(periodEvery)))
	}
	return out
}

const second = slo.Minute / 60

// samples is how many samples the two sums of a link read at one evaluation.
func (l link) samples(period bool) int {
	return 2 * (1 + (l.Count-1)*(2+int(l.reach(period)/slo.Tile)))
}
