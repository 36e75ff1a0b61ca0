package noise_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"treadmill/rules/noise"
	"treadmill/slo"
)

var midnight = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC) // a Monday

// history reads instances from texts: "#" fires, "." does not, one character a minute.
func history(t *testing.T, replicas []string, from time.Time, lines ...string) []noise.Instance {
	t.Helper()
	h := noise.History{Replicas: replicas}
	longest := 0
	for _, line := range lines {
		_, marks, _ := strings.Cut(line, " ")
		longest = max(longest, len(marks))
	}
	for piece := 0; piece < longest; piece += 7 { // pieces must not matter
		grid := slo.Grid{From: from.Add(time.Duration(piece) * time.Minute), Step: slo.Minute, N: min(7, longest-piece)}
		var answer slo.Answer
		for _, line := range lines {
			labels, marks, _ := strings.Cut(line, " ")
			s := slo.Series{Labels: map[string]string{"__name__": "ALERTS", "alertstate": "firing"}}
			for pair := range strings.SplitSeq(labels, ",") {
				k, v, _ := strings.Cut(pair, "=")
				s.Labels[k] = v
			}
			for i := range grid.N {
				v := math.NaN()
				if piece+i < len(marks) && marks[piece+i] == '#' {
					v = 1
				}
				s.Values = append(s.Values, v)
			}
			answer.Series = append(answer.Series, s)
		}
		h.Add(answer, grid)
	}
	return h.Instances()
}

func repeat(parts ...any) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString(strings.Repeat(parts[i].(string), parts[i+1].(int)))
	}
	return b.String()
}

// TestMeasure uses the series of testdata/unittest/noise.yaml, where the engine of Prometheus gives the same numbers.
func TestMeasure(t *testing.T) {
	instances := history(t, nil, midnight,
		"alertname=A,severity=warning,pod=p1 "+repeat("#", 11, ".", 9, "#", 6, ".", 9, "#", 4, ".", 23),
		"alertname=A,severity=warning,pod=p2 "+repeat(".", 5, "#", 21, ".", 36),
	)
	got := noise.Measure(noise.Input{Instances: instances, From: midnight, To: midnight.Add(61 * time.Minute),
		Step: slo.Minute})[noise.Rule{Name: "A", Severity: "warning"}]
	if got.Episodes != 4 || got.Instances != 2 || got.AlertMinutes != 42 || math.Abs(got.DutyCycle-30.0/61) > 1e-9 {
		t.Errorf("%+v", got)
	}
	if got.Median != "6m" || got.P90 != "21m" || got.SelfResolved != 0.75 || got.FlapsPerDay != 2 || got.FanOut != 1 {
		t.Errorf("%+v", got)
	}
}

func TestReplicasCountOnce(t *testing.T) {
	lines := []string{
		"alertname=A,severity=critical,replica=a " + repeat("#", 5, ".", 5, "#", 5),
		"alertname=A,severity=critical,replica=b " + repeat(".", 1, "#", 6, ".", 3, "#", 4),
	}
	for replicas, want := range map[string]int{"replica": 2, "none": 4} {
		n := noise.Measure(
			noise.Input{Instances: history(t, []string{replicas}, midnight, lines...), From: midnight, To: midnight.Add(time.Hour)},
		)
		if got := n[noise.Rule{Name: "A", Severity: "critical"}].Episodes; got != want {
			t.Errorf("%s: %d episodes, want %d", replicas, got, want)
		}
	}
}

func TestCoFiring(t *testing.T) {
	n := noise.Measure(noise.Input{From: midnight, To: midnight.Add(time.Hour), Instances: history(t, nil, midnight,
		"alertname=A,severity=x "+repeat("#", 10), "alertname=B,severity=x "+repeat("#", 9), "alertname=C,severity=x "+repeat("#", 3))})
	got := n[noise.Rule{Name: "A", Severity: "x"}].CoFiring
	if len(got) != 1 || got[0].Alert != "B" || got[0].Share != 0.9 {
		t.Errorf("%v", got)
	}
}

const config = `
route:
  receiver: nobody
  group_by: [alertname, cluster]
  group_wait: 1m
  group_interval: 5m
  repeat_interval: 1h
  routes:
  - {matchers: ['severity="critical"'], receiver: pager, continue: true}
  - {matchers: ['severity=~"critical|warning"'], receiver: chat, repeat_interval: 12h, mute_time_intervals: [night]}
time_intervals:
- name: night
  time_intervals: [{times: [{start_time: '00:00', end_time: '01:00'}]}]
inhibit_rules:
- {source_matchers: ['alertname="Down"'], target_matchers: ['alertname!="Down"'], equal: [cluster]}
receivers: [{name: nobody}, {name: pager}, {name: chat}]
`

func TestNotify(t *testing.T) {
	c, findings := noise.ReadConfig("alertmanager.yaml", []byte(config))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"over before anybody waits for it": {[]string{"alertname=A,severity=critical #"}, ""},
		"told, and told again after an hour": {[]string{"alertname=A,severity=critical " + repeat("#", 70)},
			"00:01 pager A, 01:01 chat A, 01:01 pager A"},
		"one message for two of a group": {[]string{"alertname=A,severity=critical,pod=1 ###",
			"alertname=A,severity=critical,pod=2 ###"}, "00:01 pager A"},
		"a later one of the group waits for the next look": {[]string{"alertname=A,severity=critical,pod=1 " + repeat("#", 20),
			"alertname=A,severity=critical,pod=2 " + repeat(".", 2, "#", 18)},
			"00:01 pager A, 00:06 pager A"},
		"two groups": {[]string{"alertname=A,severity=critical,cluster=x ###", "alertname=A,severity=critical,cluster=y ###"},
			"00:01 pager A, 00:01 pager A"},
		"inhibited": {[]string{"alertname=Down,severity=critical,cluster=x " + repeat("#", 9),
			"alertname=A,severity=critical,cluster=x " + repeat("#", 9)}, "00:01 pager Down"},
		"inhibited elsewhere": {[]string{"alertname=Down,severity=critical,cluster=x ###", "alertname=A,severity=critical,cluster=y ###"},
			"00:01 pager A, 00:01 pager Down"},
		"no longer inhibited": {[]string{"alertname=Down,severity=critical,cluster=x ###",
			"alertname=A,severity=critical,cluster=x " + repeat("#", 9)}, "00:01 pager Down, 00:06 pager A"},
		"quiet at night":         {[]string{"alertname=A,severity=warning " + repeat("#", 59)}, ""},
		"told when night is out": {[]string{"alertname=A,severity=warning " + repeat("#", 66)}, "01:01 chat A"},
		"info goes to nobody":    {[]string{"alertname=A,severity=info ###"}, "00:01 nobody A"},
		"comes back":             {[]string{"alertname=A,severity=critical " + repeat("#", 3, ".", 20, "#", 3)}, "00:01 pager A, 00:24 pager A"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, n := range c.Notify(history(t, nil, midnight, test.lines...)) {
				var rules []string
				for _, r := range n.Rules {
					rules = append(rules, r.Name)
				}
				got = append(got, fmt.Sprintf("%s %s %s", n.At.Format("15:04"), n.Receiver, strings.Join(rules, "+")))
			}
			if g := strings.Join(got, ", "); g != test.want {
				t.Errorf("%s\nwant %s", g, test.want)
			}
		})
	}
}

func TestFalsePages(t *testing.T) {
	instances := history(t, nil, midnight.Add(9*time.Hour), "alertname=A,severity=critical "+repeat("#", 5, ".", 100, "#", 5))
	burning := noise.Burns(
		slo.Grid{From: midnight.Add(9*time.Hour + 10*time.Minute), Step: 5 * slo.Minute, N: 2},
		[]float64{100, 100},
		[]float64{10, 1},
		0.95,
	)
	in := noise.Input{
		Instances: instances,
		From:      midnight,
		To:        midnight.Add(7 * 24 * time.Hour),
		Pages:     noise.Default().Notify(instances),
		Burning:   burning,
		SLOs:      true,
	}
	n := noise.Measure(in)[noise.Rule{Name: "A", Severity: "critical"}]
	if n.PagesPerWeek != 2 || n.FalsePages == nil || *n.FalsePages != 0.5 || n.NightPages != 0 {
		t.Errorf("%+v", n)
	}
}

func TestBadConfig(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":          "",
		"receivers: []": `no "route:"`,
		"- a":           `want the configuration file of an Alertmanager`,
		"route: {receiver: a, routes: [{receiver: b, matchers: ['{{']}]}":                              "matchers",
		"route: {receiver: a, mute_time_intervals: [x]}":                                               `no time interval "x"`,
		"route: {receiver: a, group_interval: 0s}":                                                     "group_interval",
		"route: {receiver: a}\ninhibit_rules: [{source_match_re: {a: '('}, target_matchers: ['a=b']}]": "inhibit rule",
	} {
		_, findings := noise.ReadConfig("am.yaml", []byte(text))
		if len(findings) == 0 || !strings.Contains(findings[0].Message, want) {
			t.Errorf("%q: %v, want %q", text, findings, want)
		}
	}
}

// FuzzReadConfig: no bytes make it panic, and what it reads can be followed.
func FuzzReadConfig(f *testing.F) {
	f.Add([]byte(config))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, findings := noise.ReadConfig("am.yaml", data)
		if len(findings) == 0 {
			c.Notify(
				[]noise.Instance{{Labels: map[string]string{"alertname": "A"}, Spans: []noise.Span{{From: midnight, To: midnight.Add(time.Hour)}}}},
			)
		}
	})
}
