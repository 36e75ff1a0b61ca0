//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// notified is what Alertmanager sent to a receiver.
type notified struct {
	mu   sync.Mutex
	sent []string // the alerts of each notification, as status, name and severity
}

func (n *notified) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var body struct {
		Alerts []struct {
			Status string
			Labels map[string]string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return
	}
	var alerts []string
	for _, a := range body.Alerts {
		alerts = append(alerts, a.Status+" "+a.Labels["alertname"]+" "+a.Labels["slo_severity"])
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = append(n.sent, strings.Join(alerts, ", "))
}

func (n *notified) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.sent...)
}

// failing is a service that answers every request with an error: a thousand a second.
func failing(begin time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(time.Since(begin).Seconds() * 1000)
		fmt.Fprintf(w, "svc_requests_total{service=\"down\",code=\"500\"} %d\nsvc_requests_total{service=\"down\",code=\"200\"} 0\n", n)
	})
}

// getJSON asks a server for JSON; false when it does not answer as it should.
func getJSON(address string, into any) bool {
	resp, err := http.Get(address)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into) == nil && resp.StatusCode == http.StatusOK
}

// TestE2EOneIncidentOneNotification: generated rules in a real Prometheus, with the generated inhibition in a real Alertmanager, make one
// notification of an outage, though a page and a ticket fire; and the dashboards' queries have data. The rules are evaluated each second
// instead of each half minute or five, so that nobody waits.
func TestE2EOneIncidentOneNotification(t *testing.T) {
	prometheus, alertmanager := program(t, "prometheus"), program(t, "alertmanager")
	dir, ports := t.TempDir(), freePorts(t, 2)
	var receiver notified
	hook, service := httptest.NewServer(&receiver), httptest.NewServer(failing(time.Now()))
	t.Cleanup(hook.Close)
	t.Cleanup(service.Close)
	file := func(name string) string { return filepath.Join(dir, name) }
	write(t, file("slo.yaml"), sloOf("down"))
	treadmill(
		t,
		"rules",
		"generate",
		file("slo.yaml"),
		"--format",
		"prometheus",
		"--out",
		file("rules.yaml"),
		"--alertmanager",
		file("inhibit.yaml"),
		"--dashboards",
		file("boards"),
	)
	rules, err := os.ReadFile(file("rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, file("fast.yaml"), everySecond.ReplaceAllString(string(rules), "  interval: 1s"))
	inhibit, err := os.ReadFile(file("inhibit.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(
		t,
		file("alertmanager.yml"),
		"route: {receiver: hook, group_by: [slo], group_wait: 8s, group_interval: 1s, repeat_interval: 1h}\nreceivers:\n- name: hook\n  webhook_configs: [{url: '"+
			hook.URL+"', send_resolved: false}]\n"+string(
			inhibit,
		),
	)
	write(
		t,
		file("prometheus.yml"),
		"global: {scrape_interval: 1s}\nrule_files: ['"+file(
			"fast.yaml",
		)+"']\nalerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:"+ports[1]+
			"']}]}]}\nscrape_configs: [{job_name: e2e, fallback_scrape_protocol: PrometheusText0.0.4, static_configs: [{targets: ['"+strings.TrimPrefix(
			service.URL,
			"http://",
		)+"']}]}]\n",
	)
	start(
		t,
		alertmanager,
		"--config.file="+file("alertmanager.yml"),
		"--storage.path="+file("am"),
		"--web.listen-address=127.0.0.1:"+ports[1],
		"--cluster.listen-address=",
	)
	p := start(
		t,
		prometheus,
		"--config.file="+file("prometheus.yml"),
		"--storage.tsdb.path="+file("data"),
		"--web.listen-address=127.0.0.1:"+ports[0],
	)

	base := "http://127.0.0.1:" + ports[0]
	await(t, p, 4*time.Minute, func() bool { // a counter that is new is seen to grow after two whole minutes
		return severities(base, "firing")["page"] && severities(base, "firing")["ticket"]
	})
	await(t, p, time.Minute, func() bool { return len(receiver.all()) > 0 })
	var alerts []struct {
		Labels map[string]string
		Status struct{ State string }
	}
	await(t, p, time.Minute, func() bool {
		states := map[string]string{}
		if getJSON("http://127.0.0.1:"+ports[1]+"/api/v2/alerts", &alerts) {
			for _, a := range alerts {
				states[a.Labels["slo_severity"]] = a.Status.State
			}
		}
		return states["page"] == "active" && states["ticket"] == "suppressed"
	})
	time.Sleep(5 * time.Second) // group_interval several times over: nothing else may come
	if sent := receiver.all(); len(sent) != 1 || sent[0] != "firing ErrorBudgetBurn page" {
		t.Errorf("%d notifications: %q", len(sent), sent)
	}
	boardsHaveData(t, base, file("boards"))
}

// everySecond is the lines that say how often rules are evaluated.
var everySecond = regexp.MustCompile(`(?m)^  interval: .*$`)

// severities are those of the SLO's alerts in a state.
func severities(base, state string) map[string]bool {
	var got struct {
		Data struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
	}
	out := map[string]bool{}
	if getJSON(base+"/api/v1/alerts", &got) {
		for _, a := range got.Data.Alerts {
			if a.State == state {
				out[a.Labels["slo_severity"]] = true
			}
		}
	}
	return out
}

// boardsHaveData asks for what every panel of the dashboards shows.
func boardsHaveData(t *testing.T, base, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	queries := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(data, &board); err != nil {
			t.Fatal(err)
		}
		for _, panel := range board.Panels {
			data := len(panel.Targets) == 0
			for _, target := range panel.Targets {
				queries++
				expr := strings.NewReplacer("$slo", "down", "$__rate_interval", "1m", "$__range", "1h").Replace(target.Expr)
				var got struct {
					Data struct{ Result []json.RawMessage }
				}
				if !getJSON(base+"/api/v1/query?query="+url.QueryEscape(expr), &got) {
					t.Errorf("%s: %s: the query fails: %s", filepath.Base(name), panel.Title, expr)
				}
				data = data || len(got.Data.Result) > 0
			}
			if !data {
				t.Errorf("%s: %s: no data", filepath.Base(name), panel.Title)
			}
		}
	}
	if queries < 5 {
		t.Errorf("only %d queries", queries)
	}
}
