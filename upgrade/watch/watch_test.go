package watch_test

import (
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/watch"
)

func TestTheWorstDecidesAndTheUnknownIsNeverGo(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	fine := watch.Signal{Name: "shop", Bearing: "steady"}
	signal := func(bearing string) watch.Signal {
		return watch.Signal{Name: bearing, Bearing: bearing, Reason: "so it is"}
	}
	costly := watch.Signal{Name: "costly", Bearing: "worse", Spent: 0.2, Limit: 0.1}
	for _, c := range []struct {
		name    string
		signals []watch.Signal
		alerts  []watch.Alert
		end     time.Duration
		want    watch.State
		reason  string
	}{
		{name: "all is well", signals: []watch.Signal{fine}, want: watch.GoOn, reason: "nothing is worse"},
		{name: "nothing to see", want: watch.Unknown, reason: "nothing that is looked at has events"},
		{name: "only idle", signals: []watch.Signal{signal("idle")}, want: watch.Unknown, reason: "nothing that is looked at"},
		{name: "idle beside one that shows", signals: []watch.Signal{signal("idle"), fine}, want: watch.GoOn},
		{name: "one is not known", signals: []watch.Signal{fine, signal("unknown")}, want: watch.Unknown, reason: "unknown: so it is"},
		{name: "one pages and one is not known", signals: []watch.Signal{signal("page"), signal("unknown")}, want: watch.RollBack,
			reason: "page: so it is"},
		{name: "worse", signals: []watch.Signal{signal("worse"), signal("elsewhere")}, want: watch.Hold,
			reason: "worse: so it is; elsewhere: so it is"},
		{name: "worse and spent", signals: []watch.Signal{costly}, want: watch.RollBack, reason: "20.0% of its budget, and 10.0% is reserved"},
		{name: "not settled", signals: []watch.Signal{fine}, end: 20 * time.Minute, want: watch.Hold, reason: "settles until 2026-11-24 10:20"},
		{name: "settled", signals: []watch.Signal{fine}, end: time.Minute, want: watch.GoOn},
		{name: "a page of the hop", signals: []watch.Signal{fine}, alerts: []watch.Alert{{Name: "A", Pages: true}}, want: watch.RollBack,
			reason: "on no other cluster"},
		{name: "a page from before", signals: []watch.Signal{fine}, alerts: []watch.Alert{{Name: "A", Pages: true, Before: true}},
			want: watch.Hold, reason: "before the hop"},
		{name: "a page everywhere", signals: []watch.Signal{fine}, alerts: []watch.Alert{{Name: "A", Pages: true, Peers: 3}}, want: watch.Hold,
			reason: "on 3 of the clusters"},
		{name: "an old ticket", signals: []watch.Signal{fine}, alerts: []watch.Alert{{Name: "A", Before: true}}, want: watch.GoOn},
		{name: "a new ticket", signals: []watch.Signal{fine}, alerts: []watch.Alert{{Name: "A"}}, want: watch.Hold},
	} {
		in := watch.Input{Start: start, Settle: time.Hour, Now: start.Add(62 * time.Minute), Signals: c.signals, Alerts: c.alerts}
		if c.end > 0 {
			in.End = start.Add(c.end)
		}
		if got := watch.Judge(in); got.State != c.want || !strings.Contains(got.Reason(), c.reason) {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, got.State, got.Reason(), c.want, c.reason)
		}
	}
}
