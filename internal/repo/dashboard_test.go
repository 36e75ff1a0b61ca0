package repo_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// dashboard is what Grafana reads of one, as far as it matters here.
type dashboard struct {
	Title, UID    string
	SchemaVersion int `json:"schemaVersion"`
	Panels        []struct {
		ID      int
		Type    string
		Title   string
		GridPos struct{ H, W, X, Y int } `json:"gridPos"`
		Targets []struct{ Expr string }
	}
}

// Every query of the plan's dashboard parses and asks for metrics that the exporter has; panels do not lie over each other.
func TestPlanDashboard(t *testing.T) {
	var d dashboard
	text := read(t, filepath.Join(root(t), "deploy", "helm", "treadmill", "files", "plan-dashboard.json"))
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if d.UID == "" || d.Title == "" || d.SchemaVersion < 36 || len(d.Panels) < 8 {
		t.Errorf("%+v", d)
	}
	r := execute(t, root(t), nil, treadmill(t), "upgrade", "export", "-f", "testdata/example/fleet.yaml", "--now", "2026-11-23")
	shown := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(r.stdout, -1) {
		shown[m[1]] = true
	}
	asked := map[string]bool{}
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %s, or beside the page", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, q := range p.Targets {
			expr, err := rules.ParseExpr(q.Expr)
			if err != nil {
				t.Errorf("%s: %v", p.Title, err)
				continue
			}
			parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
				if v, ok := n.(*parser.VectorSelector); ok {
					asked[v.Name] = true
				}
				return nil
			})
		}
	}
	for name := range asked {
		if !shown[name] {
			t.Errorf("the exporter has no metric %s", name)
		}
	}
	for name := range shown {
		if !asked[name] && !strings.HasSuffix(name, "_due_timestamp_seconds") && !strings.HasSuffix(name, "_bound") {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
}
