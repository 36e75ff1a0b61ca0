package compile_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/slo"
	"treadmill/slo/openslo"
	"treadmill/slo/pyrra"
	"treadmill/slo/sloth"
)

// counted draws an indicator whose queries are sums of rates of selectors, and which has a form in every dialect.
func counted(t *rapid.T) slo.Indicator {
	job := rapid.SampledFrom([]string{`{job="web"}`, `{job=~"a|b",zone!="x"}`, ``}).Draw(t, "selector")
	by, of := rapid.SampledFrom([]string{"", " by (handler)", " by (region, zone)"}).Draw(t, "by"), ""
	with := func(selector, matcher string) string {
		if selector == "" {
			return "{" + matcher + "}"
		}
		return strings.TrimSuffix(selector, "}") + "," + matcher + "}"
	}
	sum := func(metric, selector string) slo.Query {
		return slo.Query{Text: "sum" + by + " (increase(" + metric + selector + "[{{.window}}]))" + of}
	}
	if rapid.Bool().Draw(t, "latency") {
		return slo.Indicator{Good: sum("seconds_bucket", with(job, `le="0.5"`)), Total: sum("seconds_count", job)}
	}
	return slo.Indicator{Bad: sum("requests_total", with(job, `code=~"5.."`)), Total: sum("requests_total", job)}
}

func drawSLO(t *rapid.T, in slo.Indicator) slo.SLO {
	o, err := slo.NewObjective(slo.NewNumber(rapid.Int64Range(1, 9999).Draw(t, "objective"), 10_000))
	if err != nil {
		t.Fatal(err)
	}
	name := rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?`).Draw(t, "name")
	text := rapid.SampledFrom([]string{"", "all is well: 100 % of it", "'quoted' \"twice\"\nand over two lines", "yes", "1.0"})
	s := slo.SLO{ID: name, Name: name, Description: text.Draw(t, "description"), Labels: map[string]string{}, Objective: o, Indicator: in,
		Period: slo.Period{Length: slo.Day * slo.Window(rapid.IntRange(1, 400).Draw(t, "days"))}}
	for k, v := range rapid.MapOfN(rapid.StringMatching(`[a-z][a-z_]{0,8}`), text, 0, 3).Draw(t, "labels") {
		s.Labels[k] = v
	}
	return s
}

// canonical is an SLO without places and with its queries written out, as two of them are compared.
func canonical(t *rapid.T, s slo.SLO) slo.SLO {
	s.Written = slo.Written{} // places differ
	s, err := query.Portable(s)
	if err != nil {
		t.Fatal(err)
	}
	unplaced := func(in slo.Indicator) slo.Indicator {
		for _, q := range []*slo.Query{&in.Bad, &in.Good, &in.Total, &in.Ratio} {
			q.Pos = diag.Position{}
		}
		return in
	}
	s.Pos, s.Indicator = diag.Position{}, unplaced(s.Indicator)
	for i := range s.Components {
		s.Components[i].Indicator = unplaced(s.Components[i].Indicator)
	}
	if len(s.Labels) == 0 {
		s.Labels = nil
	}
	s.Alerting.Ratio, s.Alerting.Places = false, nil
	return effective(s)
}

// effective is an SLO with what each of its alerts has in the end, however the spec says it: a severity without pairs is switched off.
func effective(s slo.SLO) slo.SLO {
	policy := s.Policy
	if policy == nil {
		policy = slo.DefaultPolicy()
	}
	s.Policy = nil
	al := slo.Alerting{NoData: s.Alerting.NoData}
	for severity, route := range map[slo.Severity]*slo.Route{slo.Page: &al.Page, slo.Ticket: &al.Ticket} {
		was := s.Alerting.Route(severity)
		if was.Disabled || !slices.ContainsFunc(policy, func(p slo.Pair) bool { return p.Severity == severity }) {
			route.Disabled = true
			continue
		}
		route.Name, route.Labels, route.Annotations = compile.NameOf(s.Alerting, severity),
			map[string]string{"severity": string(severity)}, map[string]string{}
		for _, set := range []map[string]string{s.Alerting.Labels, was.Labels} {
			maps.Copy(route.Labels, set)
		}
		for _, set := range []map[string]string{s.Alerting.Annotations, was.Annotations} {
			maps.Copy(route.Annotations, set)
		}
	}
	for _, p := range policy {
		if al.Route(p.Severity).Disabled {
			continue
		}
		if p.Burn.Cmp(slo.NewNumber(0, 1)) == 0 {
			p.Burn = p.Share.Mul(s.Period.Length.Over(p.Long))
		}
		p.Share = slo.Number{}
		s.Policy = append(s.Policy, p)
	}
	s.Alerting = al
	return s
}

// same compares two SLOs by all that they say. Numbers are compared by value.
func same(t *rapid.T, text []byte, got, want slo.SLO) {
	a, b := canonical(t, got), canonical(t, want)
	if a.Alerting.WatchesData() != b.Alerting.WatchesData() {
		t.Fatalf("there and back, an alert of nothing to count: %t, want %t", a.Alerting.WatchesData(), b.Alerting.WatchesData())
	}
	a.Alerting.NoData, b.Alerting.NoData = slo.Unsaid, slo.Unsaid
	if x, y := fmt.Sprintf("%+v", numbers(a)), fmt.Sprintf("%+v", numbers(b)); x != y {
		t.Fatalf("there and back:\n%s\nis not\n%s\nby way of\n%s", x, y, text)
	}
	a, b = plainNumbers(a), plainNumbers(b)
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("there and back:\n%#v\nis not\n%#v", a, b)
	}
}

// numbers are the numbers of an SLO, exactly.
func numbers(s slo.SLO) []string {
	out := []string{s.Objective.String(), s.Indicator.Slice.Target.String()}
	for _, c := range s.Components {
		out = append(out, c.Objective.String(), c.Weight.String(), c.Indicator.Slice.Target.String())
	}
	for _, p := range s.Policy {
		out = append(out, p.Burn.String(), p.Share.String())
	}
	return out
}

// plainNumbers is an SLO without its numbers.
func plainNumbers(s slo.SLO) slo.SLO {
	s.Objective, s.Indicator.Slice.Target = slo.Objective{}, slo.Number{}
	s.Components, s.Policy = slices.Clone(s.Components), slices.Clone(s.Policy)
	for i := range s.Components {
		c := &s.Components[i]
		c.Objective, c.Weight, c.Indicator.Slice.Target = slo.Objective{}, slo.Number{}, slo.Number{}
	}
	for i := range s.Policy {
		s.Policy[i].Burn, s.Policy[i].Share = slo.Number{}, slo.Number{}
	}
	return s
}

func document(t *rapid.T, text []byte) yamlx.Document {
	docs, findings := yamlx.Documents("f", text)
	if len(docs) != 1 || len(findings) > 0 {
		t.Fatalf("%v\n%s", findings, text)
	}
	return docs[0]
}

// TestOpenSLOAndBack writes any SLO as openslo/v1 and reads the same SLO again, nothing being lost.
func TestOpenSLOAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSLO(t, counted(t))
		s.Service, s.DisplayName = "web", rapid.SampledFrom([]string{"", "Web"}).Draw(t, "display")
		s.Alerting, s.Policy = drawAlerting(t), drawPolicy(t)
		s.Alerting.Page.Disabled = rapid.Bool().Draw(t, "page off")
		slice := slo.Slice{}
		if rapid.Bool().Draw(t, "slices") {
			slice = slo.Slice{Window: slo.Minute, Target: slo.NewNumber(rapid.Int64Range(0, 10).Draw(t, "slice"), 10)}
		}
		if rapid.Bool().Draw(t, "calendar") {
			s.Period = slo.Period{Length: 30 * slo.Day, Calendar: &slo.Calendar{Start: "2026-01-01 00:00:00", Zone: "Europe/Berlin", Unit: "1M"}}
		}
		switch rapid.IntRange(0, 2).Draw(t, "form") {
		case 0:
			s.Indicator.Slice = slice
		case 1:
			s.Indicator = slo.Indicator{
				Slice:       slice,
				Ratio:       slo.Query{Text: "sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))"},
				RatioOfGood: rapid.Bool().Draw(t, "good"),
			}
		default:
			s.Indicator = slo.Indicator{Slice: slice}
			for _, name := range []string{"a", "b"} {
				c := slo.Component{
					Name:      name,
					Weight:    slo.NewNumber(rapid.Int64Range(10, 40).Draw(t, "weight"), 10),
					Objective: s.Objective,
					Indicator: counted(t),
				}
				c.Indicator.Slice = slice
				s.Components = append(s.Components, c)
			}
			if slice.Window == 0 {
				s.Objective, _ = slo.Whole(s.Components)
			}
		}
		portable, err := query.Portable(s)
		if err != nil {
			t.Fatal(err)
		}
		text, lost, err := openslo.Encode(portable)
		if err != nil || len(lost) > 0 {
			t.Fatalf("lost %v, %v", lost, err)
		}
		back, findings := openslo.Decode(slices.Values([]yamlx.Document{document(t, text)}))
		if len(back) != 1 || diag.Any(findings, diag.Error) {
			t.Fatalf("%v\n%s", findings, text)
		}
		same(t, text, back[0], s)
	})
}

// TestSlothAndBack does the same through Sloth's files, in which an SLO belongs to a service and the period is 30 days.
func TestSlothAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := counted(t)
		if in.Bad.IsZero() {
			in = slo.Indicator{Ratio: slo.Query{Text: "sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))"}}
		}
		s := drawSLO(t, in)
		s.Service, s.Period.Length = "web", sloth.Period
		s.ID = "web-" + s.Name
		s.Alerting = drawAlerting(t)
		s.Alerting.NoData = rapid.SampledFrom([]slo.Choice{slo.Unsaid, slo.On, slo.Off}).Draw(t, "no data")
		portable, err := query.Portable(s)
		if err != nil {
			t.Fatal(err)
		}
		text, lost, err := sloth.Encode(portable)
		if err != nil {
			t.Fatal(err)
		}
		back, findings := sloth.Decode(document(t, text))
		if len(back) != 1 || diag.Any(findings, diag.Error) {
			t.Fatalf("%v\n%s", findings, text)
		}
		if back[0].Alerting.WatchesData() != s.Alerting.WatchesData() { // which Sloth cannot say
			if len(lost) != 1 || !strings.Contains(lost[0], "nothing to count") {
				t.Fatalf("lost %v", lost)
			}
			lost, s.Alerting.NoData = nil, back[0].Alerting.NoData
		}
		if len(lost) > 0 {
			t.Fatalf("lost %v", lost)
		}
		same(t, text, back[0], s)
	})
}

// TestPyrraAndBack does the same through Pyrra's objects.
func TestPyrraAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := counted(t)
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			in = slo.Indicator{
				Gauge: true,
				By:    []string{"target"},
				Good:  slo.Query{Text: `sum_over_time(up{job="a"}[{{.window}}])`},
				Total: slo.Query{Text: `count_over_time(up{job="a"}[{{.window}}])`},
			}
		case 1:
			sum := `sum by (path) (rate(seconds{job="a"}[{{.window}}]))`
			in = slo.Indicator{
				By:    []string{"path"},
				Good:  slo.Query{Text: "histogram_fraction(0, 0.25, " + sum + ") * histogram_count(" + sum + ")"},
				Total: slo.Query{Text: "histogram_count(" + sum + ")"},
			}
		}
		s := drawSLO(t, in)
		s.Alerting = drawAlerting(t)
		s.Alerting.Labels, s.Alerting.Ticket.Disabled = nil, s.Alerting.Page.Disabled
		s.Alerting.NoData = rapid.SampledFrom([]slo.Choice{slo.Unsaid, slo.On, slo.Off}).Draw(t, "absent")
		plain, err := query.PlainOf(s.Indicator)
		if err != nil {
			t.Fatal(err)
		}
		text, lost, err := pyrra.Encode(s, plain)
		if err != nil || len(lost) > 0 {
			t.Fatalf("lost %v, %v", lost, err)
		}
		back, ok, findings := pyrra.Decode(document(t, text))
		if !ok || diag.Any(findings, diag.Warning) {
			t.Fatalf("%v\n%s", findings, text)
		}
		same(t, text, back, s)
	})
}

// drawPolicy draws the windows of alerts: the default ones, or others whose short windows no rule gives.
func drawPolicy(t *rapid.T) slo.Policy {
	if rapid.Bool().Draw(t, "default windows") {
		return nil
	}
	pair := func(name string, severity slo.Severity) slo.Pair {
		long := slo.Hour * slo.Window(rapid.IntRange(1, 40).Draw(t, name+" hours"))
		p := slo.Pair{Severity: severity, Long: long, Short: slo.Tile * slo.Window(rapid.IntRange(1, 11).Draw(t, name+" tiles"))}
		p.Burn = slo.NewNumber(rapid.Int64Range(10, 200).Draw(t, name+" burn"), 10)
		return p
	}
	return slo.Policy{pair("a", slo.Page), pair("b", slo.Page), pair("c", slo.Ticket)}
}

func drawAlerting(t *rapid.T) slo.Alerting {
	a := slo.Alerting{Name: rapid.SampledFrom([]string{"Burns", "ErrorBudgetBurn"}).Draw(t, "alert")}
	if rapid.Bool().Draw(t, "annotated") {
		a.Annotations = map[string]string{"runbook": "https://example.com/{{ $labels.slo }}"}
	}
	if rapid.Bool().Draw(t, "severities") {
		a.Page.Labels, a.Ticket.Labels = map[string]string{"severity": "critical"}, map[string]string{"severity": "warning"}
		a.Labels = map[string]string{"severity": "unused"}
	}
	if rapid.Bool().Draw(t, "labelled") {
		a.Labels = map[string]string{"team": "a", "severity": "by template {{ $labels.team }}"}
	}
	off := rapid.Bool().Draw(t, "off")
	a.Page.Disabled, a.Ticket.Disabled = off, off
	return a
}

// TestWhatIsLostIsListed gives an SLO what one dialect or another has no place for: each says it by name.
func TestWhatIsLostIsListed(t *testing.T) {
	plain := slo.Plain{Errors: `e{code="500"}`, Total: "e"}
	encoders := map[string]func(slo.SLO) ([]byte, []string, error){"openslo": openslo.Encode, "sloth": sloth.Encode,
		"pyrra": func(s slo.SLO) ([]byte, []string, error) { return pyrra.Encode(s, plain) }}
	object := slo.Object{Namespace: "shop", Labels: map[string]string{"release": "kps"}}
	for want, c := range map[string]struct {
		change func(*slo.SLO)
		by     string
	}{
		"openslo: the name Web.API, which becomes web-api":                 {func(s *slo.SLO) { s.ID = "Web.API" }, "openslo"},
		"openslo: the name shop/api, which becomes shop-api":               {func(s *slo.SLO) { s.ID, s.Object = "shop/api", object }, "openslo"},
		"sloth: the name api, which becomes web-api":                       {func(s *slo.SLO) { s.ID = "api" }, "sloth"},
		"sloth: the namespace and the labels of its Kubernetes object":     {func(s *slo.SLO) { s.Object = object }, "sloth"},
		"sloth: that there is no alert for when there is nothing to count": {func(s *slo.SLO) { s.Alerting.NoData = slo.Off }, "sloth"},
		"sloth: that pages and tickets have names of their own":            {func(s *slo.SLO) { s.Alerting.Page.Name = "Wake" }, "sloth"},
		"pyrra: that pages and tickets have names of their own":            {func(s *slo.SLO) { s.Alerting.Ticket.Name = "Look" }, "pyrra"},
		"sloth: alert windows of its own":                                  {func(s *slo.SLO) { s.Policy = slo.DefaultPolicy() }, "sloth"},
		"pyrra: that the period is a calendar":                             {func(s *slo.SLO) { s.Period.Calendar = &slo.Calendar{Unit: "1M"} }, "pyrra"},
	} {
		o, _ := slo.ParsePercent("99.9")
		s := slo.SLO{ID: "web-api", Name: "api", Service: "web", Objective: o, Period: slo.Period{Length: 30 * slo.Day}}
		c.change(&s)
		_, lost, err := encoders[c.by](s)
		if _, what, _ := strings.Cut(want, ": "); err != nil || !slices.Contains(lost, what) {
			t.Errorf("%s: lost %q, %v", want, lost, err)
		}
	}
}

// TestWhatPyrraCannotSay is refused, with the reason.
func TestWhatPyrraCannotSay(t *testing.T) {
	for text, want := range map[string]string{
		`sum(rate(a[5m])) - sum(rate(b[5m]))`:      "more than selectors",
		`max(rate(a{code="500"}[5m]))`:             "more than selectors",
		`sum(rate(a{code="500"}[5m] offset 1h))`:   "more than selectors",
		`sum(rate(a{code="500"}[5m])) / sum(rate(`: "not PromQL",
	} {
		_, err := query.PlainOf(slo.Indicator{Bad: slo.Query{Text: text}, Total: slo.Query{Text: `sum(rate(c[5m]))`}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	in := slo.Indicator{Good: slo.Query{Text: `sum(rate(a{code!~"5..",job="x"}[5m]))`}, Total: slo.Query{Text: `sum(rate(a{job="x"}[5m]))`}}
	if p, err := query.PlainOf(in); err != nil || p.Errors != `a{code=~"5..",job="x"}` {
		t.Errorf("good events of one matcher more: %+v, %v", p, err)
	}
	in.Good.Text = `sum(rate(a{code!~"5..",job="x",path!="/"}[5m]))`
	if _, err := query.PlainOf(in); err == nil || !strings.Contains(err.Error(), "which are bad cannot be told") {
		t.Errorf("good events of two matchers more: %v", err)
	}
}
