package rules_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// groups are groups with every field that a reader takes, of texts that are hard to write.
func groups() *rapid.Generator[rules.Group] {
	texts := rapid.StringOfN(rapid.RuneFrom([]rune("ab: #-'\"\\\n\té😀{}[]%&*!|>@`\u0085\u2028~?,")), 1, 12, -1)
	words := rapid.StringMatching(`[a-z_][a-z0-9_]{0,5}`)
	durations := rapid.Map(
		rapid.Int64Range(0, 100_000),
		func(n int64) model.Duration { return model.Duration(time.Duration(n) * time.Millisecond * 10) },
	)
	offsets := rapid.Ptr(durations, true)
	labels := rapid.MapOfN(words, texts, 0, 3)
	rule := rapid.Custom(func(t *rapid.T) rules.Rule {
		r := rules.Rule{Expr: "sum(up{job=\"" + words.Draw(t, "job") + "\"})\n  > 0", Labels: labels.Draw(t, "labels")}
		if rapid.Bool().Draw(t, "alert?") {
			r.Alert, r.For, r.KeepFiringFor = words.Draw(t, "alert"), durations.Draw(t, "for"), durations.Draw(t, "keep")
			r.Annotations = labels.Draw(t, "annotations")
			for _, set := range []map[string]string{r.Labels, r.Annotations} { // of alerts, they are templates
				for k, text := range set {
					set[k] = rules.EscapeTemplate(text)
				}
			}
		} else {
			r.Record = words.Draw(t, "record")
		}
		return r
	})
	return rapid.Custom(func(t *rapid.T) rules.Group {
		return rules.Group{Name: texts.Draw(t, "name"), Interval: durations.Draw(t, "interval"), QueryOffset: offsets.Draw(t, "offset"),
			Limit: rapid.IntRange(0, 3).Draw(t, "limit"), Labels: labels.Draw(t, "labels"), Rules: rapid.SliceOfN(rule, 1, 3).Draw(t, "rules"),
			Ruler: rules.Ruler{
				PartialResponse: rapid.SampledFrom([]string{"", "warn", "abort"}).Draw(t, "partial"),
				SourceTenants:   rapid.SliceOfN(texts, 0, 3).Draw(t, "tenants"),
				EvaluationDelay: offsets.Draw(t, "delay"),
				AlignEvaluation: rapid.Bool().Draw(t, "align"),
			}}
	})
}

// plainGroup is a group without places, whose empty lists and maps are none.
func plainGroup(g rules.Group) rules.Group {
	g.Pos = diag.Position{}
	g.Rules = slices.Clone(g.Rules)
	for i := range g.Rules {
		g.Rules[i].Pos, g.Rules[i].ExprPos = diag.Position{}, diag.Position{}
		for _, m := range []*map[string]string{&g.Rules[i].Labels, &g.Rules[i].Annotations} {
			if len(*m) == 0 {
				*m = nil
			}
		}
	}
	if len(g.Labels) == 0 {
		g.Labels = nil
	}
	if len(g.Ruler.SourceTenants) == 0 {
		g.Ruler.SourceTenants = nil
	}
	return g
}

// TestWrittenGroupsAreReadAsTheyWere: in each format a group is what it was, or the format is said not to hold it.
func TestWrittenGroupsAreReadAsTheyWere(t *testing.T) {
	all := groups()
	for _, format := range []rules.Format{rules.Prometheus, rules.PrometheusRule, rules.Mimir, rules.Thanos} {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				g := all.Draw(rt, "group")
				if len(format.Lost(g)) > 0 {
					if format != rules.Mimir || g.Ruler.PartialResponse == "" {
						return
					}
					g.Ruler.PartialResponse = ""
				}
				text := format.Append(nil, rules.Set{Name: "x", Groups: []rules.Group{g}})
				files, findings := rules.Read("f", text)
				findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.Severity != diag.Error })
				if len(findings) > 0 || len(files) != 1 || len(files[0].Groups) != 1 {
					rt.Fatalf("%v of\n%s", findings, text)
				}
				if format == rules.Thanos && g.Ruler.PartialResponse == "" {
					g.Ruler.PartialResponse = "abort"
				}
				if got, want := plainGroup(files[0].Groups[0]), plainGroup(g); !reflect.DeepEqual(got, want) {
					rt.Fatalf("wrote %+v\nread %+v\nof\n%s", want, got, text)
				}
			})
		})
	}
}

// TestLostFieldsAreNamed: what a format does not have is refused by name.
func TestLostFieldsAreNamed(t *testing.T) {
	offset := model.Duration(0)
	g := rules.Group{
		Name:        "g",
		QueryOffset: &offset,
		Ruler:       rules.Ruler{PartialResponse: "warn", SourceTenants: []string{"a"}, EvaluationDelay: &offset, AlignEvaluation: true},
	}
	for format, want := range map[rules.Format]string{
		rules.Prometheus:     "partial_response_strategy source_tenants evaluation_delay align_evaluation_time_on_interval",
		rules.PrometheusRule: "source_tenants evaluation_delay align_evaluation_time_on_interval",
		rules.Thanos:         "source_tenants evaluation_delay align_evaluation_time_on_interval",
		rules.Mimir:          "partial_response_strategy",
		rules.VMRule:         "query_offset partial_response_strategy source_tenants evaluation_delay align_evaluation_time_on_interval",
	} {
		if got := strings.Join(format.Lost(g), " "); got != want {
			t.Errorf("%s loses %q, want %q", format, got, want)
		}
		if got := rules.CheckFormat(format, []rules.Group{g}); len(got) != len(format.Lost(g)) {
			t.Errorf("%s: %v", format, got)
		}
	}
}

// TestMovesSeeEveryField: groups that differ in one field are not the same.
func TestMovesSeeEveryField(t *testing.T) {
	one, two := model.Duration(0), model.Duration(time.Minute)
	base := rules.Group{Name: "g", Rules: []rules.Rule{{Record: "a", Expr: "up"}}}
	for name, change := range map[string]func(*rules.Group){
		"interval": func(g *rules.Group) { g.Interval = two }, "offset": func(g *rules.Group) { g.QueryOffset = &two },
		"no offset": func(g *rules.Group) { g.QueryOffset = &one },
		"limit":     func(g *rules.Group) { g.Limit = 1 }, "labels": func(g *rules.Group) { g.Labels = map[string]string{"a": "b"} },
		"tenants": func(g *rules.Group) { g.Ruler.SourceTenants = []string{"a"} },
		"delay":   func(g *rules.Group) { g.Ruler.EvaluationDelay = &one },
		"align":   func(g *rules.Group) { g.Ruler.AlignEvaluation = true }, "partial": func(g *rules.Group) { g.Ruler.PartialResponse = "warn" },
		"rules": func(g *rules.Group) {
			g.Rules = []rules.Rule{{Record: "a", Expr: "up", Labels: map[string]string{"x": ""}}}
		},
	} {
		other := base
		change(&other)
		moves := rules.Moves([]rules.Group{base}, []rules.Group{other})
		if len(moves) != 1 || moves[0].State != rules.Changed {
			t.Errorf("%s: %v", name, moves)
		}
		if same := rules.Moves([]rules.Group{other}, []rules.Group{other}); same[0].State != rules.Unchanged {
			t.Errorf("%s, twice: %v", name, same)
		}
	}
}
