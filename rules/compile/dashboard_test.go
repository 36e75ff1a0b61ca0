package compile_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"treadmill/rules/compile"
	"treadmill/rules/compile/dashboard"
)

// TestDashboards runs every query of the dashboards against an SLO that burns: each has an answer.
func TestDashboards(t *testing.T) {
	files, err := dashboard.Of(nil)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d dashboards: %v", len(files), err)
	}
	r := compiled(t, availability(t, "99.9"), compile.Options{})
	w := newWorld(t, 30*time.Second, requests(steady(90), steady(10), 30*time.Second)...)
	w.load(r.Groups)
	w.run(30*time.Minute, nil)
	queries := 0
	for name, text := range files {
		var d struct {
			Title  string
			Panels []struct {
				ID      int
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(text, &d); err != nil || d.Title == "" || len(d.Panels) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				queries++
				expr := "count(" + strings.ReplaceAll(q.Expr, "$slo", "web-availability") + ")"
				if v := w.value(expr); math.IsNaN(v) {
					t.Errorf("%s, %s: %s has no answer", name, p.Title, q.Expr)
				}
			}
		}
	}
	if queries < 15 {
		t.Errorf("only %d queries", queries)
	}
}
