package scrape_test

import (
	"strings"
	"testing"

	"treadmill/rules/scrape"
)

const page = `# TYPE http_seconds histogram
http_seconds_bucket{code="200",le="0.1"} 1
http_seconds_bucket{code="200",le="0.5"} 2
http_seconds_bucket{code="200",le="5"} 3
http_seconds_bucket{code="200",le="+Inf"} 3
http_seconds_sum{code="200"} 1
http_seconds_count{code="200"} 3
# TYPE requests_total counter
requests_total{code="200"} 5
`

func TestCheck(t *testing.T) {
	const operator = "metricRelabelings:\n- {action: Drop, sourceLabels: [__name__, le], regex: 'http_seconds_bucket;(0.1|5|5.0)'}\n"
	const plain = "- {action: keep, source_labels: [__name__], regex: 'http.*'}\n"
	for _, test := range []struct{ name, expr, drops, want string }{
		{"a bound that is there", `rate(http_seconds_bucket{le="0.5"}[5m])`, "", ""},
		{"a whole bound, both spellings", `http_seconds_bucket{le="5"} + http_seconds_bucket{le=~"5(.0)?"} + http_seconds_bucket{le="5.0"}`, "", ""},
		{"a bound that is not", `rate(http_seconds_bucket{job="x",le="0.3"}[5m])`, "", "slo/bucket 0.1, 0.5, 5, +Inf"},
		{"labels of the target are not on the page", `requests_total{job="x",namespace="y"}`, "", ""},
		{"a value that is not there", `requests_total{code="500"}`, "", "slo/no-series"},
		{"a metric of another target", `other_total{code="500"}`, "", ""},
		{"dropped by the operator's words", `http_seconds_bucket{le="5"}`, operator, "slo/dropped"},
		{"not dropped", `http_seconds_bucket{le="0.5"}`, operator, ""},
		{"one of several is kept", `http_seconds_bucket{le=~"0.1|0.5"}`, operator, ""},
		{"dropped by not being kept", `requests_total`, plain, "slo/dropped"},
		{"dropped, by its own labels alone", `other_total`, plain, "slo/dropped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := scrape.ReadPage([]byte(page))
			if err != nil {
				t.Fatal(err)
			}
			var drops scrape.Drops
			if test.drops != "" {
				if drops, err = scrape.ReadDrops([]byte(test.drops)); err != nil {
					t.Fatal(err)
				}
			}
			found := scrape.Check([]scrape.Query{{SLO: "s", Expr: test.expr}}, p, drops)
			id, part, _ := strings.Cut(test.want, " ")
			switch {
			case id == "" && len(found) > 0, id != "" && (len(found) != 1 || found[0].ID != id || !strings.Contains(found[0].Message, part)):
				t.Errorf("%v, want %q", found, test.want)
			}
		})
	}
}

func TestReadDropsRefuses(t *testing.T) {
	for _, text := range []string{"", "a: 1", "- {action: no}", "- {regex: '('}", "- ", "[[["} {
		if _, err := scrape.ReadDrops([]byte(text)); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(page), []byte("- {action: drop, source_labels: [le], regex: '5'}"))
	f.Fuzz(func(_ *testing.T, text, configs []byte) {
		p, err := scrape.ReadPage(text)
		drops, dropErr := scrape.ReadDrops(configs)
		if err == nil && dropErr == nil {
			scrape.Check([]scrape.Query{{SLO: "s", Expr: `http_seconds_bucket{le="0.3"}`}}, p, drops)
		}
	})
}

func TestBadEventsMayNotHaveHappened(t *testing.T) {
	p, err := scrape.ReadPage([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	for expr, want := range map[string]string{
		`requests_total{code=~"5.."}`:       "warning", // no series yet
		`http_seconds_bucket{le="0.3"}`:     "error",   // a bound does not come with time
		`requests_total{code="200"}[5m:1m]`: "",
	} {
		got := ""
		for _, f := range scrape.Check([]scrape.Query{{SLO: "s", Expr: expr, Bad: true}}, p, nil) {
			got += f.Severity.String()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

func TestComparePagesAndQueries(t *testing.T) {
	queries := []scrape.Query{{Expr: `sum(rate(requests_total[5m]))`}, {Expr: `sum(rate(jobs_total[5m])) + apples_total`}}
	for name, test := range map[string]struct{ page, want string }{
		"all there":    {"requests_total 1\njobs_total 1\napples_total 1\n", ""},
		"some there":   {"requests_total 1\n", "slo/off-page info apples_total, jobs_total"},
		"none there":   {"up 1\n", "slo/no-series error apples_total, jobs_total, requests_total"},
		"empty":        {"", "slo/no-series error apples_total, jobs_total, requests_total"},
		"only remarks": {"# nothing\n", "slo/no-series error apples_total, jobs_total, requests_total"},
	} {
		p, err := scrape.ReadPage([]byte(test.page))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range scrape.Compare(queries, "page", p) {
			got += f.ID + " " + f.Severity.String() + " " + f.Message
		}
		if id, metrics, _ := strings.Cut(test.want, " "); test.want == "" && got != "" || !strings.HasPrefix(got, id) ||
			!strings.Contains(got, metrics[strings.Index(metrics, " ")+1:]) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
