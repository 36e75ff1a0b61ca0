//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// run runs a command against a server with the client's configuration. What it writes must not hold the password.
func (l *living) run(t *testing.T, server string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.CommandContext(
		t.Context(),
		"treadmill",
		append(args, "--now", l.now, "--prometheus", server, "--prometheus-config", l.config, "-v")...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(out.String()+errs.String(), poison) {
		t.Errorf("treadmill %v shows the password:\n%s%s", args, out.String(), errs.String())
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// json runs a command that must end with a status and reads its JSON.
func (l *living) json(t *testing.T, want int, into any, args ...string) {
	t.Helper()
	status, out, errs := l.run(t, l.url, append(args, "-o", "json")...)
	if status != want {
		t.Fatalf("treadmill %v: status %d, want %d\n%s%s", args, status, want, out, errs)
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatal(err)
	}
}

// slo is the file of one service's SLO.
func (l *living) slo(name string) string { return filepath.Join(l.slos, name+".yaml") }

// TestE2ELivingNumbers runs everything that reads history against a real Prometheus with a month of synthetic services.
func TestE2ELivingNumbers(t *testing.T) {
	l := startLiving(t)
	t.Run("backtest", func(t *testing.T) { backtestLiving(t, l) })
	t.Run("gate and report", func(t *testing.T) { gateLiving(t, l) })
	t.Run("upgrades", func(t *testing.T) { upgradeLiving(t, l) })
	t.Run("dashboards and suggestions", func(t *testing.T) { suggestLiving(t, l) })
	t.Run("access", func(t *testing.T) { accessLiving(t, l) })
	t.Run("trouble", func(t *testing.T) { troubleLiving(t, l) })
}

// backtestLiving: all outages are paged for, nothing else is, and each within an evaluation and a scrape of what is promised.
func backtestLiving(t *testing.T, l *living) {
	var got struct {
		Incidents []struct{ Start, End time.Time }
		Rules     []struct {
			Severity, SLO string
			Episodes      []struct{ Start, End time.Time }
		}
		Score struct{ Precision, Recall float64 }
	}
	l.json(
		t,
		0,
		&got,
		"rules",
		"backtest",
		l.slo("healthy"),
		l.slo("daynight"),
		l.slo("outage"),
		l.slo("idle"),
		l.slo("lowtraffic"),
		l.slo("resets"),
		"--since",
		"30d",
	)
	if got.Score.Precision != 1 || got.Score.Recall != 1 || len(got.Incidents) != len(outages) {
		t.Errorf("%+v", got)
	}
	now, err := time.Parse(time.RFC3339, l.now)
	if err != nil {
		t.Fatal(err)
	}
	promise := []time.Duration{time.Minute, 2 * time.Minute, 4*time.Minute + 30*time.Second} // of the fast pair, at 100, 50 and 20 %
	const late = 90 * time.Second                                                            // a scrape and an evaluation
	for i, o := range outages {
		began := now.AddDate(0, 0, -historyDays).Add(time.Duration(o.from) * time.Minute)
		best := time.Duration(-1)
		for _, r := range got.Rules {
			for _, e := range r.Episodes {
				if d := e.Start.Sub(began); r.Severity == "page" && r.SLO == "outage" && d >= 0 && (best < 0 || d < best) {
					best = d
				}
			}
		}
		if best < 0 || best > promise[i]+late {
			t.Errorf("outage %d was detected after %s, promised %s", i, best, promise[i])
		}
	}
}

// gateLiving: budgets are what the history says, to 0.2 %.
func gateLiving(t *testing.T, l *living) {
	var got struct {
		SLOs []struct {
			Name, State string
			Groups      []struct{ BudgetLeft, Attainment float64 }
		}
	}
	l.json(t, 1, &got, "slo", "gate", l.slos)
	states := map[string]string{}
	for _, s := range got.SLOs {
		states[s.Name] = s.State
		if s.Name != "outage" {
			continue
		}
		spent := 0.00005 / 0.001
		for _, o := range outages {
			spent += float64(o.to-o.from) * o.share / (0.001 * 30 * 1440)
		}
		if left := s.Groups[0].BudgetLeft; left < 1-spent*1.002-0.002 || left > 1-spent*0.998+0.002 {
			t.Errorf("%.4f of the budget is left, and the truth is %.4f", left, 1-spent)
		}
	}
	want := map[string]string{
		"healthy":    "open",
		"daynight":   "open",
		"outage":     "closed",
		"slowburn":   "open",
		"idle":       "open",
		"lowtraffic": "open",
		"resets":     "open",
	}
	if fmt.Sprint(states) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", states, want)
	}
	if _, out, _ := l.run(t, l.url, "slo", "report", l.slo("outage")); strings.Count(
		out,
		"\noutage",
	) != len(
		outages,
	)+2 { // and a row for each of the two periods
		t.Errorf("the report wants %d incidents:\n%s", len(outages), out)
	}
	for name, want := range map[string]int{"resets": 60, "healthy": 0} { // two series, each day
		if _, out, _ := l.run(t, l.url, "slo", "report", "--period", "30d", "--trend", "0", l.slo(name)); strings.Contains(
			out,
			fmt.Sprintf(": %d counter resets;", want),
		) != (want > 0) ||
			strings.Contains(out, "warning:") {
			t.Errorf("%s wants %d resets and no warning:\n%s", name, want, out)
		}
	}
}

// upgradeLiving: plan, gate and record join the fleet with the budgets.
func upgradeLiving(t *testing.T, l *living) {
	fleet, past, now := filepath.Join(l.dir, "fleet.yaml"), filepath.Join(l.dir, "past.yaml"), l.now
	write(t, fleet, `version: 1
policy: {target: "1.37", windows: [{days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], from: "00:00", to: "24:00", timezone: UTC}]}
clusters:
- {name: bad, provider: upstream, version: "1.36", slos: [outage]}
- {name: good, provider: upstream, version: "1.36", slos: [healthy]}
`)
	ask := []string{"-f", fleet, "--slo", l.slos}
	var plan struct {
		Budgets []struct {
			Cluster            string
			BudgetLeft, Needed float64
			Enough             time.Time
		}
		Campaigns []struct {
			Cluster string
			Start   time.Time
		}
	}
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	l.json(t, 0, &plan, append([]string{"upgrade", "plan", "--horizon", at.AddDate(0, 4, 0).Format(time.DateOnly)}, ask...)...)
	if len(plan.Budgets) != 2 || plan.Budgets[0].Cluster != "bad" || plan.Budgets[0].BudgetLeft > 0 ||
		plan.Budgets[0].Enough.Format(time.RFC3339) <= now {
		t.Errorf("%+v", plan.Budgets)
	}
	for _, c := range plan.Campaigns {
		if c.Cluster == "bad" && c.Start.Before(plan.Budgets[0].Enough) {
			t.Errorf("bad starts %s, before there is enough on %s", c.Start, plan.Budgets[0].Enough)
		}
	}
	for cluster, want := range map[string]int{"bad": 1, "good": 0} {
		if status, out, errs := l.run(t, l.url, append([]string{"upgrade", "gate", "--cluster", cluster}, ask...)...); status != want {
			t.Errorf("%s: status %d, want %d\n%s%s", cluster, status, want, out, errs)
		}
	}
	began := at.AddDate(0, 0, -historyDays).Add(time.Duration(outages[2].from-30) * time.Minute)
	status, out, errs := l.run(t, l.url, append([]string{"upgrade", "record", "--cluster", "bad", "--to", "1.36", "--records", past,
		"--start", began.Format(time.RFC3339), "--end", began.Add(2 * time.Hour).Format(time.RFC3339)}, ask...)...)
	if status != 0 || !has(t, past, `spent: {"outage": 2`) { // an hour of 20 % is 27.8 % of the budget
		t.Errorf("record: %d\n%s%s", status, out, errs)
	}
}

// suggestLiving: an objective can be suggested, and the queries of the dashboards give data where rules have run.
func suggestLiving(t *testing.T, l *living) {
	if status, out, errs := l.run(t, l.url, "slo", "suggest", l.slo("slowburn"), "--since", "10d"); status != 0 ||
		!strings.Contains(out, "suggested") {
		t.Errorf("suggest: %d\n%s%s", status, out, errs)
	}
}

// troubleLiving: what fails for a moment is asked again, and what fails for good is never a clean result.
func troubleLiving(t *testing.T, l *living) {
	const limit = `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`
	busy := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[`))
		panic(http.ErrAbortHandler)
	}
	for name, c := range map[string]struct {
		times int64
		fault func(http.ResponseWriter)
		want  int
	}{
		"503":              {2, busy(503, poison), 0},
		"429":              {2, busy(429, "slow down"), 0},
		"422 that is less": {1, busy(422, limit), 0},
		"truncated":        {2, cut, 0},
		"slow":             {2, func(http.ResponseWriter) { time.Sleep(time.Second) }, 0},
		"503 for good":     {1 << 40, busy(503, "Authorization was Basic, password "+poison), 3},
		"401":              {1 << 40, busy(401, poison), 3},
		"422 for good":     {1 << 40, busy(422, `{"status":"error","errorType":"bad_data","error":"token `+poison+` is not welcome"}`), 3},
	} {
		t.Run(name, func(t *testing.T) {
			front := l.front(t, func(call int64, w http.ResponseWriter) bool {
				if call > c.times {
					return false
				}
				c.fault(w)
				return name != "slow"
			})
			if status, out, errs := l.run(t, front, "slo", "gate", l.slo("healthy")); status != c.want {
				t.Errorf("status %d, want %d\n%s%s", status, c.want, out, errs)
			}
		})
	}
	t.Run("killed in the middle", func(t *testing.T) {
		front := l.front(t, func(call int64, _ http.ResponseWriter) bool {
			if call == 2 {
				l.server.stop()
			}
			return false
		})
		if status, out, errs := l.run(t, front, "slo", "gate", l.slo("healthy")); status != 3 {
			t.Errorf("status %d\n%s%s", status, out, errs)
		}
	})
}

// front starts a server before Prometheus that may do something else with a range query, by its number.
func (l *living) front(t *testing.T, fault func(call int64, w http.ResponseWriter) bool) string {
	t.Helper()
	target, err := url.Parse(l.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: l.transport(),
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }}
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/query_range") && fault(calls.Add(1), w) {
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
