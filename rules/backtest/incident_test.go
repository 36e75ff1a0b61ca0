package backtest_test

import (
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/slo"
)

func TestReadIncidents(t *testing.T) {
	got, found := backtest.ReadIncidents("f.yaml", []byte(`version: 1
incidents:
  - {start: 2026-11-02T00:00:00Z, end: 2026-11-02T01:00:00Z, service: web}
  - {start: 2026-11-01T01:00:00+01:00, end: 2026-11-01T02:00:00+01:00, slo: x, labels: {g: a}, name: n}
`))
	if len(found) > 0 || len(got) != 2 || got[0].Name != "n" || !got[0].Start.Equal(start) || got[0].Labels["g"] != "a" ||
		got[1].Service != "web" ||
		got[1].Pos.Line != 3 {
		t.Errorf("%+v %v", got, found)
	}
	for _, text := range []string{"", "a: 1", "version: 1", "version: 2\nincidents: []",
		"version: 1\nincidents: [{start: 2026-11-02T00:00:00Z}]",
		"version: 1\nincidents: [{start: 2026-11-02, end: 2026-11-03}]",
		"version: 1\nincidents: [{start: 2026-11-02T00:00:00Z, end: 2026-11-01T00:00:00Z}]",
		"version: 1\nincidents: []\n---\nversion: 1\nincidents: []"} {
		if _, found := backtest.ReadIncidents("f.yaml", []byte(text)); !diag.Any(found, diag.Error) {
			t.Errorf("%q: %v", text, found)
		}
	}
}

// FuzzReadIncidents reads any bytes; what is read without an error is in order and lasts.
func FuzzReadIncidents(f *testing.F) {
	f.Add([]byte("version: 1\nincidents:\n  - {start: 2026-11-02T00:00:00Z, end: 2026-11-02T01:00:00Z, slo: x}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, found := backtest.ReadIncidents("f.yaml", data)
		for i, in := range all {
			if !diag.Any(found, diag.Error) && (!in.End.After(in.Start) || i > 0 && in.Start.Before(all[i-1].Start)) {
				t.Fatalf("%+v", all)
			}
		}
	})
}

// TestListedIncidents: an incident in which nothing was lost is known as such, and so is a loss that is in no list.
func TestListedIncidents(t *testing.T) {
	s := spec(t, "99.9", 30*slo.Day, false, nil)
	s.Service = "web"
	p := past(s, 10, 10, outage(50*time.Hour, 51*time.Hour, 0.5))
	at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
	list := []backtest.Incident{
		{Service: "web", Start: at(100), End: at(101), Listed: true},
		{SLO: "x", Start: at(50), End: at(51), Listed: true},
		{Service: "mail", Start: at(50), End: at(51), Listed: true},
		{Labels: map[string]string{"g": "other"}, Start: at(50), End: at(51), Listed: true},
	}
	p.Feel(list)
	for i, want := range []float64{0, 0.5 / 0.72, 0, 0} {
		if got := list[i].BudgetSpent; got < want-1e-3 || got > want+1e-3 || (i < 2) != list[i].About("x") {
			t.Errorf("%d: %+v, want %v", i, list[i], want)
		}
	}
	felt := p.Run(0.02).Incidents
	if rest := backtest.Unnamed(felt, list[:1]); len(rest) != 1 {
		t.Errorf("%+v", rest)
	}
	if rest := backtest.Unnamed(felt, list); len(rest) != 0 {
		t.Errorf("%+v", rest)
	}
	out := p.Run(0.02, list[:2]...)
	if score := backtest.ScoreOf(out.Alerts, list[:2], time.Hour); *score.Recall != 0.5 || *score.Precision != 1 ||
		score.MedianDetection != "2m" {
		t.Errorf("%+v", score)
	}
}

// TestRelate: rules are about the SLOs whose series they read, by themselves or through what they record.
func TestRelate(t *testing.T) {
	s := spec(t, "99.9", 30*slo.Day, false, nil)
	s.Indicator.Total.Text, s.Indicator.Bad.Text = `sum(rate(total{job="a"}[5m]))`, `sum(rate(total{job="a",code=~"5.."}[5m]))`
	store, g := recorded(t)
	alerts, errs := backtest.Other(t.Context(), store.Range, store.Store, g, start, start.Add(time.Hour))
	if len(errs) > 0 || len(alerts) != 4 {
		t.Fatal(alerts, errs)
	}
	backtest.Relate(alerts, s)
	for i, want := range []bool{true, false, true, false} { // Direct, Elsewhere, Recorded, Up
		if got := len(alerts[i].SLOs) > 0; got != want {
			t.Errorf("%s: %v, want %t", alerts[i].Alert, alerts[i].SLOs, want)
		}
	}
}

func recorded(t *testing.T) (backtest.Local, []rules.Group) {
	t.Helper()
	store := eval.NewStore()
	if found := backtest.ReadSamples(store, "h.yaml", []byte("start: 2026-11-01T00:00:00Z\ninterval: 1m\nseries: [{series: 'total{job=\"a\"}', values: '0+10x60'}, {series: 'total{job=\"b\"}', values: '0+10x60'}, {series: up, values: '1x60'}]")); len(
		found,
	) > 0 {
		t.Fatal(found)
	}
	return backtest.Local{Store: store}, []rules.Group{{Rules: []rules.Rule{{Record: "rec", Expr: "sum(rate(total[5m]))"},
		{
			Alert: "Direct",
			Expr:  `rate(total{job=~"a|c"}[5m]) > 0`,
		}, {Alert: "Elsewhere", Expr: `rate(total{job="b"}[5m]) > 0`}, {Alert: "Recorded", Expr: "rec > 0"}, {Alert: "Up", Expr: "up > 0"}}}}
}
