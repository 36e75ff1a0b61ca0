package sloth_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/sloth"
)

func decode(t testing.TB, text string) ([]slo.SLO, []diag.Finding) {
	t.Helper()
	docs, findings := yamlx.Documents("f.yaml", []byte(text))
	var out []slo.SLO
	for _, d := range docs {
		slos, problems := sloth.Decode(d)
		out, findings = append(out, slos...), append(findings, problems...)
	}
	return out, findings
}

// spec is a file with one SLO.
func spec(sli string) string {
	return "version: prometheus/v1\nservice: shop\nslos:\n  - name: orders\n    objective: 99.9\n    sli: " + sli +
		"\n    alerting: {page_alert: {}, ticket_alert: {}}\n"
}

func said(findings []diag.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%d:%d %s %s: %s", f.Line, f.Column, f.Severity, f.ID, f.Message))
	}
	return strings.Join(out, "\n")
}

// Every plugin of the published library gives queries that parse, with and without a filter; without what it needs it says so.
func TestPluginsOfTheLibrary(t *testing.T) {
	table, err := os.ReadFile("plugins.tsv")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"bucket":             "0.5",
		"controller":         "c",
		"service":            "s",
		"namespace":          "n",
		"backend_regex":      "b.*",
		"service_name_regex": "s.*",
	}
	count := 0
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		count++
		f := strings.Split(line, "\t")
		id, options := f[0], ""
		for _, name := range strings.Fields(strings.TrimPrefix(f[1], "-")) {
			options += name + `: "` + values[name] + `", `
		}
		for _, filter := range []string{"", `filter: 'job="x",zone=~"a|b"'`, `filter: '{job="x"}'`} {
			got, findings := decode(t, spec(`{plugin: {id: sloth-common/`+id+`, options: {`+options+filter+`}}}`))
			if len(findings) > 0 || len(got) != 1 {
				t.Fatalf("%s: %s", id, said(findings))
			}
			for _, q := range []slo.Query{got[0].Indicator.Total, got[0].Indicator.Bad, got[0].Indicator.Good} {
				if q.IsZero() {
					continue
				}
				_, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(q.Text, "{{.window}}", "5m"))
				if err != nil || strings.ContainsAny(q.Text, "%$") || (filter != "") != strings.Contains(q.Text, `job="x"`) {
					t.Errorf("%s: %s: %v", id, q.Text, err)
				}
			}
		}
		if options != "" {
			if _, findings := decode(t, spec(`{plugin: {id: sloth-common/`+id+`}}`)); !strings.Contains(said(findings), "needs the option") {
				t.Errorf("%s without options: %s", id, said(findings))
			}
		}
	}
	if count != 19 {
		t.Errorf("%d plugins", count)
	}
}

func TestPluginsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{id: sloth-common/coredns/availabilty}`:                                      `did you mean "sloth-common/coredns/availability"`,
		`{id: acme/errors}`:                                                           "Go source that only Sloth runs; run `sloth generate` once",
		`{id: sloth-common/noop}`:                                                     "makes numbers up",
		`{id: sloth-common/coredns/latency, options: {bucket: fast}}`:                 `a bucket "fast" that is no number`,
		`{id: sloth-common/coredns/availability, options: {custom_rcode_regex: "("}}`: "no regular expression",
		`{id: sloth-common/coredns/availability, options: {filtre: "x"}}`:             `warning spec/plugin: the SLI plugin "sloth-common/coredns/availability" has no option "filtre"`,
		`{id: sloth-common/istio/v1/latency, options: {exclude_errors: "perhaps"}}`:   "neither true nor false",
		`{id: sloth-common/traefik/v2/latency, options: {bucket: "1"}}`:               `needs the option "service_name_regex"`,
	} {
		if _, findings := decode(t, spec("{plugin: "+text+"}")); !strings.Contains(said(findings), want) ||
			!strings.HasPrefix(said(findings), "6:19 ") {
			t.Errorf("%s: %s\nwant %s", text, said(findings), want)
		}
	}
	got, _ := decode(t, spec(`{plugin: {id: sloth-common/slok-go-http-metrics/latency, options: {bucket: "0.3", exclude_errors: "true"}}}`))
	if q := got[0].Indicator.Good.Text; q != `sum(rate(http_request_duration_seconds_bucket{code!~"5..",le="0.3"}[{{.window}}]))` {
		t.Error(q)
	}
}

// Files may spell fields in any case, as Sloth reads them as JSON; labels keep theirs.
func TestFilesInAnyCase(t *testing.T) {
	got, findings := decode(t, `version: prometheus/v1
Service: shop
SLOs:
  - Name: orders
    OBJECTIVE: 99.9
    Labels: {Team: a}
    sli: {Events: {Error_Query: 'sum(rate(e[{{.window}}]))', total_Query: 'sum(rate(t[{{.window}}]))'}}
    alerting: {Page_Alert: {Disable: true}}
`)
	if len(findings) > 0 || len(got) != 1 {
		t.Fatal(said(findings))
	}
	if s := got[0]; s.ID != "shop-orders" || s.Labels["Team"] != "a" || !s.Alerting.Page.Disabled || s.Indicator.Bad.IsZero() {
		t.Errorf("%+v", s)
	}
}

// Objects may spell fields in any case, as the API server takes them; their namespace is part of the identifier.
func TestObjects(t *testing.T) {
	got, findings := decode(t, `apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: shop, namespace: team-a, labels: {release: kps}}
spec:
  Service: shop
  labels: {Team: a}
  SLOs:
    - name: orders
      objective: 99.9
      sli: {events: {errorquery: 'sum(rate(e[{{.window}}]))', TotalQuery: 'sum(rate(t[{{.window}}]))'}}
      alerting: {Name: Burns, pagealert: {labels: {Severity: page}}, ticketAlert: {Disable: true}, annotations: {Title: "{{ $labels.x }}"}}
`)
	if len(findings) > 0 || len(got) != 1 {
		t.Fatal(said(findings))
	}
	s := got[0]
	if s.ID != "team-a/shop-orders" || s.Local() != "shop-orders" || s.File() != "team-a_shop-orders" || s.Labels["Team"] != "a" ||
		s.Alerting.Page.Labels["Severity"] != "page" ||
		!s.Alerting.Ticket.Disabled ||
		s.Alerting.Annotations["Title"] == "" ||
		s.Alerting.Places["{{ $labels.x }}"].Line != 11 ||
		!s.Alerting.Ratio {
		t.Errorf("%+v", s)
	}
}
