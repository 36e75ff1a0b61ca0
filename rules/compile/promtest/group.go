package promtest

import (
	"strconv"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// grouping is the labels of the grouping that pages have as they come: labels of their own may take the place of some.
func (p *prover) grouping() []string {
	var out []string
	for _, g := range p.result.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels["slo"] != p.result.SLO.ID || r.Labels["slo_severity"] != string(slo.Page) {
				continue
			}
			for _, name := range p.result.By {
				if _, set := r.Labels[name]; !set {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// pages is a full outage that is long enough for a page: an hour, or more where the windows of pages are long.
func (p *prover) pages() slo.Window {
	first := slo.Window(0)
	for _, b := range p.result.Burns {
		at, fires := b.Detection(slo.NewNumber(1, 1), p.every)
		if fires && b.Severity == slo.Page && (first == 0 || at < first) {
			first = at
		}
	}
	return max(slo.Hour, (first + 2*slo.Tile).Up(slo.Tile))
}

// groups is the case that of two groups only the one with errors fires, and the other keeps its budget.
func (p *prover) groups() []proofCase {
	if len(p.others) == 0 || p.result.SLO.Alerting.Page.Disabled {
		return nil
	}
	own := p.grouping()
	if len(own) == 0 {
		return nil
	}
	matchers := func(f *synth, by []string) string {
		text := ""
		for _, name := range by {
			text += "," + name + "=" + strconv.Quote(f.group(p.result.By)[name])
		}
		return text
	}
	outage := p.pages()
	input := p.input(all, []span{{length: lead}, {length: outage, share: slo.NewNumber(1, 1)}}, true)
	for _, f := range p.others {
		input = append(input, f.series([]span{{length: lead + outage}}, true)...)
	}
	fire := func(f *synth) string {
		return `count(ALERTS{alertstate="firing",slo=` + strconv.Quote(p.result.SLO.ID) + `,slo_severity="page"` + matchers(f, own) + `})`
	}
	at := lead + outage
	return []proofCase{{name: "of two groups only the one with errors fires", input: input, expect: []expectation{
		{fire(p.synths[0]), at, "1"}, {fire(p.others[0]), at, ""},
		{"count(" + compile.BudgetSeries + "{slo=" + strconv.Quote(p.result.SLO.ID) + matchers(p.others[0], p.result.By) + "} == 1)", at, "1"},
	}}}
}
