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
	"treadmill/slo/policy"
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
	settle     app.Days
	except     []string
	outcome    app.Choice
}

func recordCommand(a *app.App) *cobra.Command {
	f := recordFlags{settle: app.Days(time.Hour), outcome: app.Choice{Word: string(history.Done), Of: history.Outcomes()}}
	c := &cobra.Command{
		Use: "record -f fleet.yaml --cluster NAME --to VERSION --start TIME --records FILE", Args: cobra.NoArgs,
		Short: "Book what an upgrade spent of the error budgets that guard its cluster",
		Long: `Adds a campaign that is over to a file of past campaigns, with what it spent of the budget of every SLO that guards the cluster,
so that upgrade gate and upgrade plan know what the next one needs. Comments in the file are kept.

What was spent is measured from --start until --settle after --end, as damage may come late: the bad events beyond those of an ordinary
day, as a share of the budget of the period before. Where an SLO has groups of other clusters, the times in which those burn too are left
out. --except leaves out an incident that had another cause. --spent says it by
hand. A hop that failed or was rolled back is booked with --outcome: it spent budget, and the cluster does not run the version.`,
		Example: `  treadmill upgrade record -f fleet.yaml --cluster pay-prod-eu --to 1.34 --start 2026-11-23T09:00:00Z \
    --records campaigns.yaml --prometheus http://prometheus:9090 --slo slos/
  treadmill upgrade record -f fleet.yaml --cluster pay-prod-eu --to 1.34 --start 2026-11-23T09:00:00Z --records campaigns.yaml --spent payments-availability=4.2%`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) { return record(ctx, a, f) }),
	}
	f.add(a, c, "the cluster that was upgraded")
	c.Flags().Var(&f.from, "from", "the version before (default: one minor below --to)")
	c.Flags().Var(&f.to, "to", "the version that the control plane has now")
	c.Flags().Var(&f.start, "start", "when the upgrade began")
	c.Flags().Var(&f.end, "end", "when it was over (default: now)")
	c.Flags().Var(&f.settle, "settle", "how long after the end damage is still of the upgrade")
	c.Flags().
		StringArrayVar(&f.except, "except", nil, "an incident of another cause, which is not counted: 2026-11-25T03:00:00Z/2026-11-25T03:20:00Z")
	c.Flags().Var(&f.outcome, "outcome", "how the upgrade ended: "+strings.Join(history.Outcomes(), ", "))
	c.Flags().StringArrayVar(&f.spent, "spent", nil, "what was spent of an SLO's budget, by hand: payments-availability=4.2%")
	for _, name := range []string{"start", "end"} {
		c.Flags().Lookup(name).DefValue = ""
	}
	app.CompleteFlag(c, "spent", func(c *cobra.Command) []cobra.Completion { return input.GuardNames(a, c) })
	app.MustHave(c, "to", "start", "records")
	return a.Returns(c, recordData{})
}

// campaign is what the flags say of the campaign, without what it spent.
func (f recordFlags) campaign(c fleet.Cluster, now time.Time) (history.Campaign, error) {
	out := history.Campaign{
		Cluster:     yamlx.At[string]{V: c.Name.V},
		Group:       c.Group.V,
		Environment: c.Environment.V,
		Source:      history.ByHand,
		Spent:       map[string]history.Spent{},
	}
	out.From.V, out.To.V = upgrade.Minor(f.from), upgrade.Minor(f.to)
	out.Start.V.Time, out.End.V.Time = time.Time(f.start), time.Time(f.end)
	if out.From.V.IsZero() {
		out.From.V = out.To.V.Add(-1)
	}
	if out.End.V.IsZero() {
		out.End.V.Time = now.Truncate(time.Second)
	}
	if out.Outcome = history.Outcome(f.outcome.Word); out.To.V.Less(out.From.V) && out.Outcome == history.Done {
		out.Outcome = history.RolledBack
	}
	if out.Hops() > upgrade.MaxNodeSkew || out.To.V.Less(out.From.V) && out.Outcome == history.Failed {
		return out, app.Usage(
			"--from %s --to %s: want a campaign of up to %d hops, from the older version to the newer one, or back for one that was rolled back",
			out.From.V,
			out.To.V,
			upgrade.MaxNodeSkew,
		)
	}
	if !out.Start.V.Before(out.End.V.Time) || out.End.V.After(now) {
		return out, app.Usage(
			"--start %s --end %s: want a start before the end, and an end that is not in the future",
			out.Start.V.Format(time.RFC3339),
			out.End.V.Format(time.RFC3339),
		)
	}
	for _, text := range f.spent {
		name, share, _ := strings.Cut(text, "=")
		v, err := upgrade.ParseSpent(share)
		switch {
		case err != nil:
			return out, app.Usage("--spent %s: want an SLO and a share, such as payments-availability=4.2%%", text)
		case !slices.Contains(guardNames(c), name):
			return out, app.Usage("--spent %s: %s is no SLO that guards %s; those are [%s]", text, name, c.Name.V, strings.Join(guardNames(c), ", "))
		}
		out.Spent[name] = history.Spent(v)
	}
	return out, nil
}

func record(ctx context.Context, a *app.App, f recordFlags) (report.View, error) {
	h, err := readHop(a, f.hopInput)
	if err != nil {
		return report.View{}, err
	}
	campaign, err := f.campaign(h.cluster, time.Time(a.Now))
	if err != nil {
		return report.View{}, err
	}
	if time.Time(f.end).IsZero() {
		if err := endAsBooked(a, f.Records, &campaign); err != nil {
			return report.View{}, err
		}
	}
	spent, err := spending(ctx, a, f, h, &campaign)
	if err != nil {
		return report.View{}, err
	}
	for _, name := range guardNames(h.cluster) {
		if _, known := campaign.Spent[name]; !known && !diag.Any(spent.findings, diag.Error) {
			return report.View{}, app.Usage(
				"%s is guarded by %s: give --prometheus and --slo to measure what the upgrade spent, or --spent %s=SHARE",
				h.cluster.Name.V,
				name,
				name,
			)
		}
	}
	unlock, err := a.Locked(f.Records) // two upgrades may end at one time
	if err != nil {
		return report.View{}, err
	}
	defer unlock()
	file, about, err := input.RecordsToWrite(a, f.Records)
	if err != nil {
		return report.View{}, err
	}
	return book(
		a,
		recordView{campaign: campaign, file: file, foreign: spent.foreign, findings: slices.Concat(h.findings, about, spent.findings), stated: func(slo string) upgrade.Share {
			return input.StatedReserve(h.rules, h.fleet, policy.Subject{SLO: slo, Local: slo})
		}},
	)
}

// endAsBooked gives a campaign that is booked already the end that it has there: it is not over once more.
func endAsBooked(a *app.App, records string, c *history.Campaign) error {
	file, _, err := input.RecordsToWrite(a, records)
	for _, old := range file.Campaigns {
		if old.Same(*c) {
			c.End = old.End
		}
	}
	return err
}

// book writes the campaign, unless something is wrong or it is written already.
func book(a *app.App, v recordView) (report.View, error) {
	if settles := v.campaign.Settles.V; !settles.IsZero() {
		v.findings = append(v.findings, diag.Finding{ID: "record/settling", Severity: diag.Warning, Position: diag.Position{File: v.file.Name},
			Message: "damage of the upgrade of " + v.campaign.Cluster.V + " to " + v.campaign.To.V.String() + " may come until " +
				settles.Format("2006-01-02 15:04 MST") + "; what it has spent by now counts for no reserve: run the same command again after that"})
	}
	write := v.file.Append
	for i, old := range v.file.Campaigns {
		if old.Same(v.campaign) && !old.Settles.V.IsZero() {
			write, v.settled = func(c history.Campaign) ([]byte, error) { return v.file.Settle(i, c) }, i+1
		} else if old.Same(v.campaign) {
			v.findings = append(v.findings, diag.Finding{ID: "record/known", Severity: diag.Warning, Position: old.Pos, Message: "the upgrade of " +
				v.campaign.Cluster.V + " to " + v.campaign.To.V.String() + " that began then is recorded already; nothing is written"})
			return v.view(), nil
		}
	}
	if diag.Any(v.findings, diag.Error) {
		return v.view(), nil
	}
	text, err := write(v.campaign)
	if err != nil {
		return report.View{}, err
	}
	v.written = true
	v.file, _ = history.Read(v.file.Name, text) // Append has read it
	if err := a.WriteFiles(map[string][]byte{v.file.Name: text}); err != nil {
		return report.View{}, err
	}
	return v.view(), nil
}
