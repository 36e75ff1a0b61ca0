package upgrade

import (
	"context"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// guardNames are the names of the SLOs that guard a cluster.
func guardNames(c fleet.Cluster) []string {
	var out []string
	for _, g := range c.SLOs {
		if !slices.Contains(out, g.SLO.V) {
			out = append(out, g.SLO.V)
		}
	}
	return out
}

// exceptions are the incidents of another cause.
func (f recordFlags) exceptions() ([]review.Stretch, error) {
	var out []review.Stretch
	for _, text := range f.except {
		from, to, _ := strings.Cut(text, "/")
		var s review.Stretch
		var err error
		if s.From, err = time.Parse(time.RFC3339, from); err == nil {
			s.To, err = time.Parse(time.RFC3339, to)
		}
		if err != nil || !s.From.Before(s.To) {
			return nil, app.Usage("--except %s: want a start and an end, such as 2026-11-25T03:00:00Z/2026-11-25T03:20:00Z", text)
		}
		out = append(out, s)
	}
	return out, nil
}

// measured is what the histories say of a campaign.
type measured struct {
	foreign  []leftOut
	findings []diag.Finding
}

// leftOut is a time that is not counted of an SLO, as it burnt elsewhere too.
type leftOut struct {
	SLO  string    `json:"slo"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// spending measures what the campaign spent of the budgets that --spent does not name.
func spending(ctx context.Context, a *app.App, f recordFlags, h hop, campaign *history.Campaign) (out measured, err error) {
	if !f.Given() {
		return out, nil
	}
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return out, err
	}
	except, err := f.exceptions()
	if err != nil {
		return out, err
	}
	at := review.Stretch{From: campaign.Start.V.Time, To: campaign.End.V.Add(time.Duration(f.settle))}
	settles := at.To
	if at.To.After(time.Time(a.Now)) {
		at.To = time.Time(a.Now)
	}
	since := func(s slo.SLO) (time.Time, error) { return at.From.Add(-time.Duration(s.Period.Length)), nil }
	results, findings := input.Guards(a, f.SLOs, []fleet.Cluster{h.cluster})
	for _, m := range input.Each(ctx, src.Under(h.rules), results, since, at.To, func(m input.Measured) input.Measured { return m }) {
		findings = append(findings, m.Findings...)
		if _, byHand := campaign.Spent[m.SLO.ID]; byHand {
			continue
		}
		cost, foreign, problem := worstCost(h.cluster, m, at, except)
		for _, s := range foreign {
			out.foreign = append(out.foreign, leftOut{SLO: m.SLO.ID, From: s.From, To: s.To})
		}
		switch {
		case problem == "":
			campaign.Spent[m.SLO.ID], campaign.Source = history.Spent(cost.Share), history.Measured
			if settles.After(at.To) {
				campaign.Settles.V.Time = settles.UTC().Truncate(time.Second)
			}
			if campaign.Measured == nil {
				campaign.Measured = map[string]history.Measurement{}
			}
			campaign.Measured[m.SLO.ID] = history.Measurement{
				Bad:       cost.Bad,
				Total:     cost.Total,
				Objective: upgrade.Share(m.SLO.Objective.Float()),
				Period:    history.Length(m.SLO.Period.Length),
			}
		case !diag.Any(m.Findings, diag.Error):
			findings = append(findings, input.VerdictFinding(m.SLO, "", review.Unknown, problem))
		}
	}
	out.findings = a.Settle(input.Loud(findings))
	return out, nil
}

// worstCost is the most that a stretch of time cost of the groups of an SLO that are of the cluster, and the parts of it that are not of
// the cluster, as groups of others burnt too.
func worstCost(c fleet.Cluster, m input.Measured, at review.Stretch, except []review.Stretch) (worst review.Cost, foreign []review.Stretch,
	problem string) {
	problem = "nothing is known of the time of the upgrade, or of the period before it; --spent says what was spent by hand"
	for _, g := range c.SLOs {
		if g.SLO.V != m.SLO.ID {
			continue
		}
		groups, none := input.GroupsOf(g, m)
		if none != "" {
			return worst, nil, none
		}
		peers := slices.DeleteFunc(slices.Clone(m.Groups), func(h review.History) bool { return g.Matches(h.Labels) })
		for _, h := range groups {
			others := h.Elsewhere(m.SLO.Objective, at, peers)
			if cost, ok := h.Sums().Cost(m.SLO.Objective, m.SLO.Period.Length, at, slices.Concat(except, others)); ok {
				if problem = ""; cost.Share >= worst.Share {
					worst, foreign = cost, others
				}
			}
		}
	}
	return worst, foreign, problem
}
