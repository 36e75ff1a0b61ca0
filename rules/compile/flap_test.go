package compile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/rules"
	"treadmill/rules/compile"
)

// groupInterval is for how long Alertmanager waits, unless told otherwise, before it says that a group has changed
// (group_interval, https://prometheus.io/docs/alerting/latest/configuration/, read 2026-11): an alert that ends and is
// back before that is no notification.
const groupInterval = 5 * time.Minute

// TestIncidentThatComesAndGoes lets all requests fail for a while, again and again, over three hours. The 30m window holds
// the page where the 5m window lets go of it, so that pages end and come back at the edge of 30m only; docs/slo.md tells
// the figures and why there is no keep_firing_for.
func TestIncidentThatComesAndGoes(t *testing.T) {
	for _, c := range []struct {
		on, every           time.Duration
		pages, notification int
	}{
		{2 * time.Minute, 10 * time.Minute, 2, 1},
		{2 * time.Minute, 20 * time.Minute, 2, 2},
		{5 * time.Minute, 15 * time.Minute, 1, 1},
		{10 * time.Minute, 40 * time.Minute, 5, 1},
	} {
		t.Run(c.on.String()+" of "+c.every.String(), func(t *testing.T) {
			t.Parallel()
			begin, end := 30*time.Minute, 3*time.Hour+30*time.Minute
			bad := func(at time.Duration) float64 {
				return when(at >= begin && at < end && (at-begin)%c.every < c.on, 100)
			}
			r := compiled(t, availability(t, "99.9"), compile.Options{})
			w := newWorld(t, 30*time.Second, requests(func(at time.Duration) float64 { return 100 - bad(at) }, bad, 30*time.Second)...)
			w.load([]rules.Group{pagesOnly(r.Groups[0])})
			pages, notifications, firing, ended := 0, 0, false, -groupInterval
			w.run(end+time.Hour, func(at time.Duration) bool {
				now := slices.Contains(w.firing("severity"), "page")
				if now && !firing {
					pages++
					if at-ended > groupInterval {
						notifications++
					}
				}
				if firing && !now {
					ended = at
				}
				firing = now
				return true
			})
			if late := ended - end; pages != c.pages || notifications != c.notification || firing || late > 30*time.Minute {
				t.Errorf("%d pages with %d notifications, want %d with %d; resets after %s", pages, notifications, c.pages, c.notification, late)
			}
		})
	}
}

// pagesOnly is a group without what tickets alone need.
func pagesOnly(g rules.Group) rules.Group {
	g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r rules.Rule) bool {
		return strings.HasSuffix(r.Record, "1d") || strings.HasSuffix(r.Record, "3d") || r.Labels["slo_severity"] == "ticket"
	})
	return g
}
