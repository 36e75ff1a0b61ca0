package cli_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/fleet"
)

var joined = flag.Int("joined", 8, "how many fleets TestPlanGateAndExportAgree draws")

const (
	joinStep   = 5 * time.Minute
	joinEvents = 30_000 // in a step
)

const joinSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  indicator:
    metadata: {name: requests}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'sum by (cluster) (rate(bad_total[5m]))'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'sum by (cluster) (rate(all_total[5m]))'}}}
  timeWindow: [{duration: 7d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
`

// guarded is a fleet whose versions are out of support, so that the first opening is the cheapest, and the history of its service: ordinary
// days with incidents in the newest nine days, and ordinary days alone from now on.
type guarded struct {
	now      time.Time
	windows  string // with %02d:%02d for the beginning of the openings
	begin    int    // minutes after midnight
	fleet    string
	clusters []string
	bad      map[string][]int // events of each step
}

func drawGuarded(r *rand.Rand) guarded {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	g := guarded{now: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(28*288)) * joinStep), bad: map[string][]int{}}
	g.begin = 60*(2+r.IntN(12)) + 15*r.IntN(4)
	end := g.begin + 60*(1+r.IntN(8))
	g.windows = fmt.Sprintf(`{days: [%s], from: "%%02d:%%02d", to: "%02d:%02d", timezone: %s}`,
		pick("Tue, Wed, Thu", "Mon", "Sat, Sun", "Mon, Tue, Wed, Thu, Fri"), end/60, end%60,
		pick("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"))
	freezes := ""
	for i := range r.IntN(3) {
		from := g.now.Add(time.Duration(r.IntN(20*24)-200) * time.Hour)
		freezes += fmt.Sprintf("{name: f%d, from: %s, to: %s}, ", i, from.Format(time.RFC3339),
			from.Add(time.Duration(1+r.IntN(300))*time.Hour).Format(time.RFC3339))
	}
	g.fleet = fmt.Sprintf("version: 1\npolicy:\n  target: \"1.35\"\n  windows: [WINDOWS]\n  freezes: [%s]\n"+
		"  budget: {reserve: %d%%, keep: %d%%}\nclusters:\n",
		freezes, 1+r.IntN(15), 1+r.IntN(40))
	for i := range 1 + r.IntN(2) {
		name := string(rune('a' + i))
		g.clusters = append(g.clusters, name)
		g.fleet += fmt.Sprintf("- {name: %s, provider: upstream, version: \"1.34\", slos: [{slo: checkout, match: {cluster: %s}}]}\n", name, name)
		bad := make([]int, 80*288)
		ordinary := r.IntN(20)
		for k := range bad {
			bad[k] = ordinary
		}
		for range r.IntN(5) { // up to half of a budget of 60,480 events each
			first, length := 7*288+r.IntN(9*288-40), 1+r.IntN(36)
			for k := first; k < first+length; k++ {
				bad[k] += (1_000 + r.IntN(29_000)) / length
			}
		}
		g.bad[name] = bad
	}
	return g
}

// text is the fleet file with openings that begin so much earlier.
func (g guarded) text(earlier int) string {
	return strings.Replace(g.fleet, "WINDOWS", fmt.Sprintf(g.windows, (g.begin-earlier)/60, (g.begin-earlier)%60), 1)
}

// history is the file of the first steps, of which 16 days are before now.
func (g guarded) history(steps int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "start: %s\ninterval: 5m\nseries:\n", g.now.AddDate(0, 0, -16).Format(time.RFC3339))
	for _, c := range g.clusters {
		fmt.Fprintf(&b, "- {series: 'all_total{cluster=\"%s\"}', values: '0+%dx%d'}\n", c, joinEvents, steps)
		fmt.Fprintf(&b, "- {series: 'bad_total{cluster=\"%s\"}', values: '", c)
		sum := 0
		for k := 0; k < steps; {
			same := 1
			for k+same < steps && g.bad[c][k+same] == g.bad[c][k] {
				same++
			}
			fmt.Fprintf(&b, "%d+%dx%d ", sum+g.bad[c][k], g.bad[c][k], same-1)
			sum += same * g.bad[c][k]
			k += same
		}
		b.WriteString("'}\n")
	}
	return b.String()
}

// planOf, gateOf are what commands print.
type planOf struct {
	Cost struct {
		Total float64 `json:"total"`
	} `json:"cost"`
	Proven    bool `json:"proven"`
	Campaigns []struct {
		Cluster string    `json:"cluster"`
		Start   time.Time `json:"start"`
	} `json:"campaigns"`
	Unplanned []struct {
		Cluster string `json:"cluster"`
		Reason  string `json:"reason"`
	} `json:"unplanned"`
}

type gateOf struct {
	State  string            `json:"state"`
	Opens  time.Time         `json:"opens"`
	Checks []json.RawMessage `json:"checks"`
}

// sameOpening reports whether a hop starts then. In an opening over midnight (UTC) a plan may have it at midnight.
func sameOpening(at, planned time.Time) bool {
	midnight := planned.Equal(planned.Truncate(24*time.Hour)) && planned.Sub(at) < 12*time.Hour && planned.After(at)
	return at.Equal(planned) || midnight
}

var nextHop = regexp.MustCompile(`(?m)^treadmill_cluster_next_hop_timestamp_seconds\{cluster="(\w+)".*\} (\S+)$`)

// TestPlanGateAndExportAgree: the gate opens at the minute of the plan and in no earlier opening, whether it looks ahead or is asked then;
// a maintenance window that opens earlier is never dearer; and export shows what was planned. `-joined 60` draws that many fleets.
func TestPlanGateAndExportAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 500))
	planned, waited, never := 0, 0, 0
	for i := range *joined {
		g := drawGuarded(r)
		earlier := min(g.begin, 15*(1+r.IntN(8)))
		dir := t.TempDir()
		file := func(name, text string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		clusters, slo := file("fleet.yaml", g.text(0)), file("slo.yaml", joinSLO)
		past, all := file("past.yaml", g.history(16*288)), file("all.yaml", g.history(len(g.bad["a"])))
		at := func(command, clusters, history string, now time.Time, more ...string) result {
			return run(nil, append([]string{"upgrade", command, "-f", clusters, "--slo", slo, "--openmetrics", history,
				"--now", now.Format(time.RFC3339)}, more...)...)
		}
		decode := func(got result, into any) {
			if err := json.Unmarshal([]byte(got.stdout), into); err != nil {
				t.Fatalf("fleet %d: %v\n%s\n%s", i, err, got.stderr, g.text(0))
			}
		}
		const horizon = "--horizon"
		until := g.now.AddDate(0, 3, 0).Format(time.DateOnly)
		var p, wide planOf
		made := at("plan", clusters, past, g.now, horizon, until, "-o", "json")
		decode(made, &p)
		file("plan.json", made.stdout)
		decode(at("plan", file("wide.yaml", g.text(earlier)), past, g.now, horizon, until, "-o", "json"), &wide)
		if wide.Cost.Total > p.Cost.Total || len(wide.Unplanned) > len(p.Unplanned) {
			t.Errorf("fleet %d: the wider window costs %f, the narrower %f\n%s", i, wide.Cost.Total, p.Cost.Total, g.text(0))
		}
		shown := map[string]string{}
		for _, m := range nextHop.FindAllStringSubmatch(at("export", clusters, past, g.now, horizon, until).stdout, -1) {
			shown[m[1]] = m[2]
		}
		if len(shown) != len(p.Campaigns) {
			t.Errorf("fleet %d: export shows %v, and the plan has %+v", i, shown, p.Campaigns)
		}
		for _, u := range p.Unplanned { // those that are to be out of support for a time are among them
			if _, late := shown[u.Cluster]; late {
				continue
			}
			never++
			var v gateOf
			decode(at("gate", clusters, past, g.now, "--cluster", u.Cluster, "-o", "json"), &v)
			if !v.Opens.IsZero() && v.Opens.Before(g.now.AddDate(0, 3, -1)) {
				t.Errorf("fleet %d, now %s: %s is not planned (%s), and the gate says that it opens on %s: %s\n%s", i,
					g.now, u.Cluster, u.Reason, v.Opens, v.Checks, g.text(0))
			}
		}
		for _, c := range p.Campaigns {
			planned++
			if stamp, err := strconv.ParseFloat(shown[c.Cluster], 64); err != nil || int64(stamp) != c.Start.Unix() {
				t.Errorf("fleet %d: export shows %s of %s, and the plan has %s", i, shown[c.Cluster], c.Cluster, c.Start)
			}
			gate := func(now time.Time, history string, more ...string) (v gateOf) {
				decode(at("gate", clusters, history, now, append(more, "--cluster", c.Cluster, "-o", "json")...), &v)
				return v
			}
			closing := func(at time.Time) bool { // no plan begins so late
				return gate(at.Add(fleet.ShortestRest-time.Minute), all).State != "open"
			}
			told := fmt.Sprintf("fleet %d, now %s, planned %s\n%s", i, g.now.Format(time.RFC3339), c.Start.Format(time.RFC3339), g.text(0))
			for _, more := range [][]string{nil, {"--plan", filepath.Join(dir, "plan.json")}} {
				if v := gate(g.now, past, more...); !sameOpening(v.Opens, c.Start) && (v.State != "open" || c.Start.After(g.now) && !closing(g.now)) {
					t.Errorf("the gate says that it opens at %s: %s\n%s", v.Opens.Format(time.RFC3339), v.Checks, told)
				}
				if v := gate(c.Start, all, more...); v.State != "open" {
					t.Errorf("it is %s then: %s\n%s", v.State, v.Checks, told)
				}
			}
			if !c.Start.After(g.now) {
				continue
			}
			waited++
			before := []time.Time{g.now, c.Start.Add(-joinStep)}
			for range 2 {
				before = append(before, g.now.Add(time.Duration(r.Int64N(int64(c.Start.Sub(g.now))))).Truncate(joinStep))
			}
			for _, early := range before {
				if early.Before(g.now) || sameOpening(early, c.Start) || gate(early, all).State != "open" {
					continue
				}
				if !closing(early) {
					t.Errorf("it is open at %s too\n%s", early.Format(time.RFC3339), told)
				}
			}
		}
	}
	t.Logf("%d fleets: %d clusters planned, of which %d wait, and %d never have enough", *joined, planned, waited, never)
}
