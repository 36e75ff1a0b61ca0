package upgrade

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// recordFlags say which campaign is over.
type recordFlags struct {
	hopInput
	from, to   app.Minor
	start, end app.Clock
	spent      []string
}

func recordCommand(a *app.App) *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use: "record -f fleet.yaml --cluster NAME --to VERSION --start TIME --records FILE", Args: cobra.NoArgs,
		Short: "Book what an upgrade spent of the error budgets that guard its cluster",
		Long: `Adds a campaign that is over to a file of past campaigns, with what it spent of the budget of every SLO that guards the cluster,
so that upgrade gate and upgrade plan know what the next one needs. Comments in the file are kept.

What was spent is measured from --start to --end: the bad events beyond those of an ordinary day, as a share of the
budget of the period before. --spent says it by hand.`,
		Example: `  treadmill upgrade record -f fleet.yaml --cluster pay-prod-eu --to 1.34 --start 2026-11-23T09:00:00Z \
    --records campaigns.yaml --prometheus http://prometheus:9090 --slo slos/
  treadmill upgrade record -f fleet.yaml --cluster pay-prod-eu --to 1.34 --start 2026-11-23T09:00:00Z --records campaigns.yaml --spent payments-availability=4.2%`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) { return record(a, ctx, f) }),
	}
	f.add(c, "the cluster that was upgraded")
	c.Flags().Var(&f.from, "from", "the version before (default: one minor below --to)")
	c.Flags().Var(&f.to, "to", "the version that the control plane has now")
	c.Flags().Var(&f.start, "start", "when the upgrade began")
	c.Flags().Var(&f.end, "end", "when it was over (default: now)")
	c.Flags().StringArrayVar(&f.spent, "spent", nil, "what was spent of an SLO's budget, by hand: payments-availability=4.2%")
	for _, name := range []string{"start", "end"} {
		c.Flags().Lookup(name).DefValue = ""
	}
	for _, name := range []string{"to", "start", "records"} {
		_ = c.MarkFlagRequired(name) // it fails for a flag that does not exist
	}
	return c
}

// campaign is what the flags say of the campaign, without what it spent.
func (f recordFlags) campaign(c fleet.Cluster, now time.Time) (history.Campaign, error) {
	out := history.Campaign{Cluster: yamlx.At[string]{V: c.Name.V}, Group: c.Group.V, Environment: c.Environment.V, Source: history.ByHand, Spent: map[string]history.Spent{}}
	out.From.V, out.To.V = upgrade.Minor(f.from), upgrade.Minor(f.to)
	out.Start.V.Time, out.End.V.Time = time.Time(f.start), time.Time(f.end)
	if out.From.V.IsZero() {
		out.From.V = out.To.V.Add(-1)
	}
	if out.End.V.IsZero() {
		out.End.V.Time = now.Truncate(time.Second)
	}
	if out.To.V.Less(out.From.V) || out.To.V.Sub(out.From.V) > upgrade.MaxNodeSkew {
		return out, app.Usage("--from %s --to %s: want a campaign of up to %d hops, from the older version to the newer one", out.From.V, out.To.V, upgrade.MaxNodeSkew)
	}
	if !out.Start.V.Before(out.End.V.Time) || out.End.V.After(now) {
		return out, app.Usage("--start %s --end %s: want a start before the end, and an end that is not in the future", out.Start.V.Format(time.RFC3339), out.End.V.Format(time.RFC3339))
	}
	for _, text := range f.spent {
		name, share, _ := strings.Cut(text, "=")
		v, err := upgrade.ParseSpent(share)
		switch {
		case err != nil:
			return out, app.Usage("--spent %s: want an SLO and a share, such as payments-availability=4.2%%", text)
		case !slices.Contains(c.SLOs, name):
			return out, app.Usage("--spent %s: %s is no SLO that guards %s; those are [%s]", text, name, c.Name.V, strings.Join(c.SLOs, ", "))
		}
		out.Spent[name] = history.Spent(v)
	}
	return out, nil
}

func record(a *app.App, ctx context.Context, f recordFlags) (report.View, error) {
	h, err := readHop(a, f.hopInput)
	if err != nil {
		return report.View{}, err
	}
	campaign, err := f.campaign(h.cluster, time.Time(a.Now))
	if err != nil {
		return report.View{}, err
	}
	more, err := spending(a, ctx, f, h.cluster, &campaign)
	if err != nil {
		return report.View{}, err
	}
	for _, name := range h.cluster.SLOs {
		if _, known := campaign.Spent[name]; !known && !diag.Any(more, diag.Error) {
			return report.View{}, app.Usage("%s is guarded by %s: give --prometheus and --slo to measure what the upgrade spent, or --spent %s=SHARE", h.cluster.Name.V, name, name)
		}
	}
	unlock, err := app.Locked(f.Records) // two upgrades may end at one time
	if err != nil {
		return report.View{}, err
	}
	defer unlock()
	file, about, err := input.RecordsToWrite(a, f.Records)
	if err != nil {
		return report.View{}, err
	}
	return book(recordView{campaign: campaign, file: file, findings: slices.Concat(h.findings, about, more), stated: h.fleet.Policy.Budget.Reserve.V})
}

// spending measures what the campaign spent of the budgets that --spent does not name.
func spending(a *app.App, ctx context.Context, f recordFlags, c fleet.Cluster, campaign *history.Campaign) ([]diag.Finding, error) {
	if !f.Given() {
		return nil, nil
	}
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return nil, err
	}
	start, end := campaign.Start.V.Time, campaign.End.V.Time
	since := func(s slo.SLO) (time.Time, error) { return start.Add(-time.Duration(s.Period.Length)), nil }
	results, findings := input.Guards(a, f.SLOs, []fleet.Cluster{c})
	for _, m := range input.Each(ctx, src, results, since, end, func(m input.Measured) input.Measured { return m }) {
		findings = append(findings, m.Findings...)
		if _, byHand := campaign.Spent[m.SLO.ID]; byHand {
			continue
		}
		worst, known := 0.0, false
		for _, h := range m.Groups {
			if share, ok := h.Sums().Cost(m.SLO.Objective, m.SLO.Period.Length, start, end); ok {
				worst, known = max(worst, share), true
			}
		}
		if known {
			campaign.Spent[m.SLO.ID], campaign.Source = history.Spent(worst), history.Measured
		} else if !diag.Any(m.Findings, diag.Error) {
			findings = append(findings, input.VerdictFinding(m.SLO, "", review.Unknown, "nothing is known of the time of the upgrade, or of the period before it; --spent says what was spent by hand"))
		}
	}
	return a.Settle(input.Loud(findings)), nil
}

// book writes the campaign, unless something is wrong or it is written already.
func book(v recordView) (report.View, error) {
	for _, old := range v.file.Campaigns {
		if old.Same(v.campaign) {
			v.findings = append(v.findings, diag.Finding{ID: "record/known", Severity: diag.Warning, Position: old.Pos, Message: "the upgrade of " +
				v.campaign.Cluster.V + " to " + v.campaign.To.V.String() + " that began then is recorded already; nothing is written"})
			return v.view(), nil
		}
	}
	if diag.Any(v.findings, diag.Error) {
		return v.view(), nil
	}
	text, err := v.file.Append(v.campaign)
	if err != nil {
		return report.View{}, err
	}
	v.written = true
	v.file, _ = history.Read(v.file.Name, text) // Append has read it
	if err := app.WriteFiles(map[string][]byte{v.file.Name: text}); err != nil {
		return report.View{}, err
	}
	return v.view(), nil
}
