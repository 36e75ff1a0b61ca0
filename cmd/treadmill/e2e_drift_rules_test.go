//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// handRule is a rule file in Git of no SLO, and brokenRule one that Prometheus takes and cannot evaluate: its own targets match each other twice.
const (
	handRule   = "groups:\n- name: hand\n  rules:\n  - {alert: Down, expr: up == 0, for: 5m, keep_firing_for: 10m, labels: {severity: ticket}}\n"
	brokenRule = "groups:\n- name: broken\n  rules:\n  - {record: up:ratio, expr: up / on (job) up}\n"
)

// ruled is a real Prometheus that has loaded what files in Git say.
type ruled struct {
	server *process
	url    string
	dir    string
}

// startRuled serves the rules of an SLO, of a file by hand and of one that fails, with an external label as Prometheus servers have.
func startRuled(t *testing.T) *ruled {
	t.Helper()
	port := freePorts(t, 1)[0]
	s := &ruled{dir: t.TempDir(), url: "http://127.0.0.1:" + port}
	for _, d := range []string{"slos", "rules", "loaded"} {
		if err := os.Mkdir(s.path(d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, s.path("slos/checkout.yaml"), driftSLO)
	write(t, s.path("rules/hand.yaml"), handRule)
	write(t, s.path("prometheus.yml"), "global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: eu}}\nrule_files: ['"+s.path("loaded/*.yaml")+
		"']\nscrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:"+port+"', 'localhost:"+port+"']}]}]\n")
	s.write(t, map[string]string{"checkout.yaml": s.generated(t, driftSLO), "hand.yaml": handRule})
	s.server = start(t, program(t, "prometheus"), "--config.file="+s.path("prometheus.yml"), "--storage.tsdb.path="+s.path("data"),
		"--web.listen-address=127.0.0.1:"+port, "--web.enable-lifecycle", "--log.level=warn")
	await(t, s.server, time.Minute, func() bool { return answers(http.DefaultClient, s.url+"/-/ready", "") })
	return s
}

func (s *ruled) path(name string) string { return filepath.Join(s.dir, name) }

// generated is what a spec makes.
func (s *ruled) generated(t *testing.T, spec string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "slo.yaml")
	write(t, file, spec)
	return string(treadmill(t, "rules", "generate", "--format", "prometheus", file))
}

// write makes the files that the server loads.
func (s *ruled) write(t *testing.T, files map[string]string) {
	t.Helper()
	old, err := filepath.Glob(s.path("loaded/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		write(t, s.path("loaded/"+name), text)
	}
}

// reload makes the server load its files anew.
func (s *ruled) reload(t *testing.T) {
	t.Helper()
	resp, err := http.Post(s.url+"/-/reload", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("reload: %s\n%s", resp.Status, s.server.out.tail())
	}
}

// fails waits until the server has tried to evaluate a rule that it cannot.
func (s *ruled) fails(t *testing.T) {
	t.Helper()
	await(t, s.server, time.Minute, func() bool {
		var got struct {
			Data struct {
				Groups []struct{ Rules []struct{ Health string } }
			}
		}
		failed := false
		if getJSON(s.url+"/api/v1/rules", &got) {
			for _, g := range got.Data.Groups {
				for _, r := range g.Rules {
					failed = failed || r.Health == "err"
				}
			}
		}
		return failed
	})
}

// drifts are the differences: "id subject", and all messages.
func (s *ruled) drifts(t *testing.T) (found []string, messages string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), "treadmill", "drift", "--slo", s.path("slos"), "--rules", s.path("rules"), "--prometheus", s.url, "-o", "json")
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run() // differences make the status 1
	var got struct {
		Findings []struct{ ID, Subject, Message, File, Diff string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	for _, f := range got.Findings {
		if f.File == "" || f.Diff == "" {
			t.Errorf("without a place or what differs: %+v", f)
		}
		found, messages = append(found, f.ID+" "+f.Subject), messages+f.Message+"\n"
	}
	slices.Sort(found)
	return found, messages
}

// TestE2EDriftOfLoadedRules plants each difference in the files that a real Prometheus loads, and finds that one and no other.
func TestE2EDriftOfLoadedRules(t *testing.T) {
	s := startRuled(t)
	made := s.generated(t, driftSLO)
	older := s.generated(t, strings.Replace(driftSLO, "0.999", "0.99", 1))
	legacy := s.generated(t, strings.ReplaceAll(driftSLO, "checkout", "legacy"))
	change := func(text, from, to string) string {
		t.Helper()
		if !strings.Contains(text, from) {
			t.Fatalf("nothing to change: %q in\n%s", from, text)
		}
		return strings.ReplaceAll(text, from, to)
	}
	slow := everySecond.ReplaceAllString(made, "  interval: 7s")
	for _, c := range []struct {
		name   string
		git    string // another file of rules in Git
		loaded map[string]string
		want   []string
		says   string
	}{
		{name: "as Git says", loaded: map[string]string{"a.yaml": made, "hand.yaml": handRule}},
		{name: "missing", loaded: map[string]string{"hand.yaml": handRule}, want: []string{"drift/rule-missing SLO checkout"}},
		{name: "stale", loaded: map[string]string{"a.yaml": older, "hand.yaml": handRule}, want: []string{"drift/rule-stale SLO checkout"},
			says: "made from an older spec"},
		{name: "a threshold", loaded: map[string]string{"a.yaml": change(made, "14.4", "20"), "hand.yaml": handRule},
			want: []string{"drift/rule-edited rule ErrorBudgetBurn"}, says: "expression 14.4 → 20"},
		{name: "a label", loaded: map[string]string{"a.yaml": made, "hand.yaml": change(handRule, "ticket", "page")},
			want: []string{"drift/rule-edited rule Down"}, says: "label severity ticket → page"},
		{name: "a time", loaded: map[string]string{"a.yaml": made, "hand.yaml": change(handRule, "for: 5m", "for: 50m")},
			want: []string{"drift/rule-edited rule Down"}, says: "for 5m → 50m"},
		{name: "how long it is kept", loaded: map[string]string{"a.yaml": made, "hand.yaml": change(handRule, "10m", "1h")},
			want: []string{"drift/rule-edited rule Down"}, says: "keep_firing_for 10m → 1h"},
		{name: "how often", loaded: map[string]string{"a.yaml": slow, "hand.yaml": handRule}, says: "interval of slo-checkout 30s → 7s",
			want: []string{"drift/rule-edited group slo-checkout", "drift/rule-edited group slo-checkout-budget"}},
		{name: "twice", loaded: map[string]string{"a.yaml": made, "b.yaml": made, "hand.yaml": handRule},
			want: []string{"drift/rule-twice SLO checkout"}, says: "loaded 2 times"},
		{name: "nobody's", loaded: map[string]string{"a.yaml": made, "old.yaml": legacy, "hand.yaml": handRule},
			want: []string{"drift/rule-unowned group slo-legacy"}},
		{name: "failing", git: brokenRule, loaded: map[string]string{"a.yaml": made, "hand.yaml": handRule, "broken.yaml": brokenRule},
			want: []string{"drift/rule-failing rule up:ratio"}, says: "found duplicate series for the match group"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, s.path("rules/more.yaml"), c.git)
			if c.git == "" {
				if err := os.Remove(s.path("rules/more.yaml")); err != nil {
					t.Fatal(err)
				}
			}
			s.write(t, c.loaded)
			s.reload(t)
			if c.name == "failing" {
				s.fails(t)
			}
			found, messages := s.drifts(t)
			if !slices.Equal(found, c.want) || !strings.Contains(messages, c.says) {
				t.Errorf("got %q, want %q that says %q\n%s", found, c.want, c.says, messages)
			}
		})
	}
}
