package input

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/rules/quality"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
)

// Asker answers queries over a grid: a server, or samples at hand.
type Asker interface {
	Range(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error)
}

// Source is where history comes from.
type Source struct {
	Asker
	clock  bool          // the present is what the clock says, and not --now
	policy policy.Policy // whose periods and corrections hold
}

// Under is the source for what a policy judges: over the policy's periods, and without the times that it takes out.
func (src Source) Under(p policy.Policy) Source {
	src.policy = p
	return src
}

// Held is the samples of a history that is here, nil of a server.
func (src Source) Held() eval.Queryable {
	if local, ok := src.Asker.(interface{ Held() eval.Queryable }); ok {
		return local.Held()
	}
	return nil
}

// doubts says what makes the counts of an SLO since a time doubtful, by the raw series that its queries read and by the answers to them.
func (src Source) doubts(ctx context.Context, s slo.SLO, queries, by []string, since, now time.Time, answers ...slo.Answer) []diag.Finding {
	found := quality.Of(ctx, src.Range, queries, by, quality.Span{Since: since, Now: now, Clock: src.clock})
	nan := 0
	var warnings []string
	for _, a := range answers {
		nan, warnings = nan+a.NaN, append(warnings, a.Warnings...)
	}
	if nan > 0 {
		found = append(found, diag.Finding{ID: backtest.FindingNaN, Severity: diag.Warning,
			Message: fmt.Sprintf("its queries give NaN at %s, which counts as not known: a series that they read holds it",
				app.Count(nan, "moment", "moments"))})
	}
	for i := range found {
		found[i].Position, found[i].Message = s.Pos, s.ID+": "+found[i].Message
	}
	slices.Sort(warnings)
	return append(found, Warned(s.ID, slices.Compact(warnings))...)
}

// Gaps says what of the time of a review is not known of a group.
func Gaps(s slo.SLO, h review.History, from, to time.Time) []diag.Finding {
	const burns = "; what is not known burns no budget"
	k := h.Known(from, to)
	var out []diag.Finding
	say := func(id, message string) {
		out = append(out, diag.Finding{ID: id, Severity: diag.Warning, Position: s.Pos, Message: s.ID + ": " + ofGroup(h.Name()) + message})
	}
	since := "the time"
	if !k.First.IsZero() {
		since = "the time since then"
		say("history/short", "nothing is known before "+k.First.Format(app.MinuteFormat)+", and "+from.Format(app.MinuteFormat)+
			" is asked for: the server keeps less, or the service is younger"+burns)
	}
	switch {
	case k.Share >= 0.99:
	case k.GapFrom.IsZero():
		say("history/gaps", "something is known of "+review.Percent(k.Share)+" of "+since+" only"+burns)
	default:
		say("history/gaps", "something is known of "+review.Percent(k.Share)+" of "+since+" only, nothing for longest from "+
			k.GapFrom.Format(app.MinuteFormat)+" to "+k.GapTo.Format(app.MinuteFormat)+burns)
	}
	return out
}

// ofHistory reports whether a finding is about the history that was read, or the policy that it is judged by, of which all is told.
func ofHistory(f diag.Finding) bool {
	return strings.HasPrefix(f.ID, "history/") || strings.HasPrefix(f.ID, "policy/")
}

func ofGroup(name string) string {
	if name == "" {
		return ""
	}
	return name + ": "
}
