package quality

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// replicaLabels are the labels by which the two servers of an HA pair tell their samples apart: those of Prometheus Operator, of the
// documentation of Thanos and of Mimir (read 2026-11).
func replicaLabels() []string {
	return []string{"prometheus_replica", "prometheus", "replica", "__replica__", "rule_replica", "receive_replica", "thanos_ruler_replica"}
}

// shape counts the series of a selector by bucket and by what HA pairs set.
func (d *checker) shape(s selector) (slo.Answer, bool) {
	by := replicaLabels()
	if s.bound != nil {
		by = append(by, labels.BucketLabel)
	}
	return d.asked("anything odd about them", "count by ("+strings.Join(by, ", ")+") ("+s.without(labels.BucketLabel)+")", d.grid)
}

// replicas tells of series that differ in nothing but the label of a replica: each event is then counted as often as it was scraped.
func (d *checker) replicas(s selector, shape slo.Answer) {
	var differ, values []string
	for _, name := range replicaLabels() {
		var some []string
		for _, one := range shape.Series {
			some = append(some, one.Labels[name])
		}
		slices.Sort(some)
		if some = slices.Compact(some); len(some) > 1 && !slices.Contains(d.by, name) {
			differ, values = append(differ, name), append(values, some...)
		}
	}
	if differ == nil {
		return
	}
	answer, ok := d.asked("duplicates", "count(count without ("+strings.Join(differ, ", ")+") ("+s.String()+") > 1)", d.grid)
	if n := most(answer); ok && n > 0 {
		name := strings.Join(differ, " and ")
		d.say(
			FindingReplicas,
			diag.Warning,
			fmt.Sprintf(
				"%s: %s there more than once, as an HA pair of servers writes them: they differ in %s only (%s), and every event is counted once "+
					"for each; ask where they are made one (Thanos with --query.replica-label, Mimir with its HA tracker), or name one of them in the queries",
				s.metric(),
				countOf(n, "series is", "series are"),
				name,
				listed(values),
			),
		)
	}
}

// most is the highest value of an answer.
func most(answer slo.Answer) float64 {
	out := 0.0
	for _, s := range answer.Series {
		for _, v := range s.Values {
			if v > out {
				out = v
			}
		}
	}
	return out
}

func countOf(n float64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%.0f %s", n, many)
}

// listed is the first few of some words, "none" without any.
func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	const few = 6
	out := make([]string, 0, few)
	for _, w := range words[:min(few, len(words))] {
		if w == "" {
			w = "without one"
		}
		out = append(out, w)
	}
	if len(words) > few {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// oftenADay is how many resets of one series a day are more than restarts.
const oftenADay = 24

// resets counts how often counters began anew.
func (d *checker) resets(s selector) {
	window := model.Duration(time.Duration(d.grid.Step + slo.Minute)) // a minute more, so that a reset between two windows is in one
	query := fmt.Sprintf("(resets(%s[%s]))", s, window)
	all, ok := d.asked("counter resets", "sum"+query, d.grid)
	n := total(all)
	if !ok || n == 0 {
		return
	}
	often := oftenADay * math.Max(1, d.span.Now.Sub(d.span.Since).Hours()/24)
	if n > often {
		worst, ok := d.asked("counter resets", "max"+query, d.grid)
		if of := total(worst); ok && of > often {
			d.say(
				FindingResets,
				diag.Warning,
				fmt.Sprintf(
					"%s: one series began anew %.0f times: so many are no restarts, and each is counted as new events; check that it is a counter and that only one source writes it",
					s.metric(),
					of,
				),
			)
			return
		}
	}
	d.say(
		FindingResets,
		diag.Info,
		fmt.Sprintf(
			"%s: %s; what was counted between the last scrape and the restart is not known",
			s.metric(),
			countOf(n, "counter reset", "counter resets"),
		),
	)
}

func total(answer slo.Answer) float64 {
	sum := 0.0
	for _, s := range answer.Series {
		for _, v := range s.Values {
			if v == v {
				sum += v
			}
		}
	}
	return sum
}

// future looks for samples of the day that begins in a minute.
func (d *checker) future(s selector) {
	now := slo.NewGrid(d.span.Now.Add(-time.Minute), d.span.Now, slo.Minute)
	answer, ok := d.asked("samples from the future", "count(last_over_time("+s.String()+"[1d] offset -1d1m))", now)
	if n := most(answer); ok && n > 0 {
		d.say(
			FindingClock,
			diag.Warning,
			fmt.Sprintf(
				"%s: %s samples that are later than now: a clock is ahead where they come from, or behind here, and what happened is told for another time",
				s.metric(),
				countOf(n, "series has", "series have"),
			),
		)
	}
}
