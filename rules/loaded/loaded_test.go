package loaded_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/drift"
	"treadmill/rules"
	"treadmill/rules/loaded"
)

// stack are the groups of a real chart.
func stack(t *testing.T) []rules.Group {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "rules", "kube-prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := rules.Read("kube-prometheus.yaml", text)
	var out []rules.Group
	for _, f := range files {
		out = append(out, f.Groups...)
	}
	if len(out) < 9 {
		t.Fatalf("%d groups", len(out))
	}
	return out
}

// again is a group as a server has it: laid out anew, in another order, with the labels of the group on each rule.
func again(t *testing.T, g rules.Group) rules.Group {
	t.Helper()
	out := g
	out.Labels = nil
	out.Rules = slices.Clone(g.Rules)
	for i := range out.Rules {
		r := &out.Rules[i]
		e, err := rules.ParseExpr(r.Expr)
		if err != nil {
			t.Fatal(err)
		}
		r.Expr = parser.Prettify(e)
		labels := maps.Clone(g.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		maps.Copy(labels, r.Labels)
		r.Labels = labels
	}
	rand.Shuffle(len(out.Rules), func(i, j int) { out.Rules[i], out.Rules[j] = out.Rules[j], out.Rules[i] })
	return out
}

func compare(w rules.Group, server bool, has ...rules.Group) []drift.Finding {
	s := loaded.Side{Cluster: "c", Name: "context c", Server: server}
	for _, g := range has {
		s.Groups = append(s.Groups, loaded.Has{Group: g, Place: "context c, monitoring/x", Object: "monitoring/x", KeepUnknown: server})
	}
	return loaded.Compare([]loaded.Want{{Group: w, Pos: w.Pos}}, []loaded.Side{s}, loaded.Ask{})
}

// TestLayoutIsNoDifference: every group of a real chart is what it is, however it is written, on objects and on servers.
func TestLayoutIsNoDifference(t *testing.T) {
	for _, g := range stack(t) {
		for _, server := range []bool{false, true} {
			if found := compare(g, server, again(t, g)); len(found) > 0 {
				t.Errorf("%s: %v", g.Name, found[0].Message)
			}
		}
	}
}

// TestEveryEditIsTold: each part of each rule of a real chart is changed by itself, and that part of that rule is told once.
func TestEveryEditIsTold(t *testing.T) {
	edits := map[string]func(*rules.Rule) bool{
		"expression":         func(r *rules.Rule) bool { r.Expr = "(" + r.Expr + ") > 0.123"; return true },
		"for":                func(r *rules.Rule) bool { r.For += model.Duration(time.Minute); return r.Alert != "" },
		"label severity":     func(r *rules.Rule) bool { r.Labels = with(r.Labels, "severity", "changed"); return true },
		"label new":          func(r *rules.Rule) bool { r.Labels = with(r.Labels, "new", "1"); return true },
		"annotation summary": func(r *rules.Rule) bool { r.Annotations = with(r.Annotations, "summary", "x"); return r.Alert != "" },
		" is gone":           nil,
	}
	n := 0
	for _, g := range stack(t) {
		for i := range g.Rules {
			for part, edit := range edits {
				has := g
				has.Rules = slices.Clone(g.Rules)
				switch {
				case edit == nil:
					has.Rules = slices.Delete(has.Rules, i, i+1)
				case !edit(&has.Rules[i]):
					continue
				}
				found := compare(g, false, again(t, has))
				if len(found) != 1 || found[0].ID != loaded.FindingEdited || found[0].Subject != "rule "+g.Rules[i].Name() ||
					!strings.Contains(found[0].Message, part) ||
					found[0].Diff == "" {
					t.Errorf("%s, %s, %s: %v", g.Name, g.Rules[i].Name(), part, found)
				}
				n++
			}
		}
	}
	if n < 130 {
		t.Errorf("%d edits", n)
	}
}

func with(m map[string]string, k, v string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, m)
	out[k] = v
	return out
}

// Many edits of a group are one finding, and a group under two names of files is told once.
func TestManyEdits(t *testing.T) {
	g := rules.Group{Name: "all"}
	for _, one := range stack(t) {
		g.Rules = append(g.Rules, again(t, one).Rules...)
	}
	has := again(t, g)
	for i := range has.Rules {
		has.Rules[i].Expr += " or vector(0)"
	}
	if found := compare(g, false, has); len(found) != 1 || !strings.Contains(found[0].Message, " more (") {
		t.Errorf("%v", found)
	}
	if found := compare(g, false, g, again(t, g)); len(found) != 1 || found[0].ID != loaded.FindingTwice {
		t.Errorf("%v", found)
	}
	slow := again(t, g)
	g.Interval, slow.Interval = model.Duration(30*time.Second), model.Duration(time.Minute)
	if found := compare(g, true, slow); len(found) != 1 || !strings.Contains(found[0].Message, "interval of "+g.Name) {
		t.Errorf("%v", found)
	}
}

// TestExternalLabels: what Thanos puts on every rule is no difference, and the groups of two Prometheus servers, which it joins when they
// come from files of one name, are not loaded twice. An edit of one of them is told with whose it is.
func TestExternalLabels(t *testing.T) {
	var wants []loaded.Want
	for _, g := range stack(t) {
		wants = append(wants, loaded.Want{Group: g, Pos: g.Pos})
	}
	side := func(edit bool) loaded.Side {
		s := loaded.Side{Cluster: "thanos", Name: "thanos", Server: true}
		for n, g := range stack(t) {
			joined := again(t, g)
			joined.Rules = nil
			for _, cluster := range []string{"eu", "us"} {
				for i, r := range again(t, g).Rules {
					r.Labels = with(with(r.Labels, "cluster", cluster), "prometheus", "monitoring/k8s")
					if edit && cluster == "us" && n == 0 && i == 0 {
						r.Expr += " > 0.123"
					}
					joined.Rules = append(joined.Rules, r)
				}
			}
			s.Groups = append(s.Groups, loaded.Has{Group: joined, Place: "thanos, rules.yaml", KeepUnknown: true})
		}
		return s
	}
	if found := loaded.Compare(wants, []loaded.Side{side(false)}, loaded.Ask{}); len(found) > 0 {
		t.Errorf("%d differences: %s", len(found), found[0].Message)
	}
	found := loaded.Compare(wants, []loaded.Side{side(true)}, loaded.Ask{})
	if len(found) != 1 || found[0].ID != loaded.FindingEdited || !strings.Contains(found[0].Live, `of cluster="us", prometheus="monitoring/k8s"`) {
		t.Errorf("%+v", found)
	}
}

// What a server that answers in part does not show is not missing.
func TestPartialAnswer(t *testing.T) {
	all := stack(t)
	for _, partial := range []bool{false, true} {
		s := loaded.Side{Name: "s", Server: true, Partial: partial, Groups: []loaded.Has{{Group: all[1], Place: "s, b"}}}
		found := loaded.Compare([]loaded.Want{{Group: all[0]}, {Group: all[1]}}, []loaded.Side{s}, loaded.Ask{})
		if missing := len(found) == 1 && found[0].ID == loaded.FindingMissing; missing == partial {
			t.Errorf("in part %t: %v", partial, found)
		}
	}
}
