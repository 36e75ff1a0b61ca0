package rules_test

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

func read(t *testing.T, text string) ([]rules.File, string) {
	t.Helper()
	files, findings := rules.Read("r.yaml", []byte(text))
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return files, b.String()
}

func TestReadFindsEveryWrapping(t *testing.T) {
	data, err := os.ReadFile("../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, problems := read(t, string(data))
	if problems != "" {
		t.Fatal(problems)
	}
	var objects []string
	alerts, records := 0, 0
	for _, f := range files {
		objects = append(objects, f.Object)
	}
	for _, p := range rules.Rules(files) {
		if p.Rule.Alert != "" {
			alerts++
		} else {
			records++
		}
	}
	if got := strings.Join(objects, " "); got != "monitoring/control-plane monitoring/workloads monitoring/monitoring shop/shop monitoring/kps-kube-apiserver-burnrate.rules" ||
		alerts != 22 ||
		records != 4 {
		t.Errorf("objects %s, %d alerts, %d records", got, alerts, records)
	}
}

func TestPositionsOfExpressions(t *testing.T) {
	for style, expr := range map[string]string{
		"r.yaml:5:11": " up == 0",
		"r.yaml:6:7":  " |\n      up == 0",
		"r.yaml:7:9":  " >-\n\n        up\n        == 0",
		"r.yaml:5:12": " \"up == 0\"",
	} {
		files, problems := read(t, "groups:\n- name: g\n  rules:\n  - alert: A\n    expr:"+expr+"\n")
		if problems != "" {
			t.Fatalf("%s: %s", style, problems)
		}
		if got := files[0].Groups[0].Rules[0].ExprPos.String(); got != style {
			t.Errorf("expr%q is at %s, want %s", expr, got, style)
		}
	}
}

func TestPromQLErrorsHaveThePlaceOfTheError(t *testing.T) {
	for expr, want := range map[string]string{
		" sum(rate(x[5m])": "r.yaml:5:25", // the end, where the parenthesis is missing
		" |\n      up\n      and on (job\n      foo == ":     "r.yaml:8:7",
		" >-\n      up ==\n      bool\n      no_function(1)": "r.yaml:8:7",
		` 'up{job="it''s"} == = 1'`:                          "r.yaml:5:31",
		` "up{job=\"a\"} == = 1"`:                            "r.yaml:5:29",
	} {
		_, problems := read(t, "groups:\n- name: g\n  rules:\n  - alert: A\n    expr:"+expr+"\n    for: 5m\n")
		if !strings.HasPrefix(problems, want+": error: A: ") || !strings.HasSuffix(problems, "[rules/promql]\n") {
			t.Errorf("expr%q: want a finding at %s, got %s", expr, want, problems)
		}
	}
}

func TestProblemsDoNotHideTheRest(t *testing.T) {
	for name, c := range map[string]struct{ text, want, rest string }{
		"duplicate group": {"groups:\n- name: g\n- name: g\n", "r.yaml:3:9: error: group \"g\" is already on line 2; Prometheus loads neither: merge them or rename one [rules/duplicate-group]", ""},
		"both kinds": {"groups:\n- name: g\n  rules:\n  - {alert: A, record: b, expr: up}\n  - {alert: C, expr: up}\n",
			"a rule is either a record or an alert", "C"},
		"no kind":         {"groups:\n- name: g\n  rules:\n  - {expr: up}\n", "a rule needs \"alert\" or \"record\"", ""},
		"no expression":   {"groups:\n- name: g\n  rules:\n  - {alert: A}\n", "A: \"expr\" is missing", ""},
		"record with for": {"groups:\n- name: g\n  rules:\n  - {record: a, expr: up, for: 5m}\n", "a: a recording rule has no \"for\"", ""},
		"bad record":      {"groups:\n- name: g\n  rules:\n  - {record: 'a{b=\"c\"}', expr: up}\n", "is not a metric name", ""},
		"bad duration": {"groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, for: 5 minutes}\n",
			"groups[0].rules[0].for: unknown unit", "A"},
		"unknown field": {"groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, label: {a: b}}\n",
			"there is no field \"label\"; did you mean \"labels\"?", "A"},
		"templated expression": {"groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'up > {{ .Values.limit }}'}\n  - {alert: B, expr: up}\n",
			"r.yaml:4:28: error: A: templating is left in the expression", "B"},
		"templated document": {"a:\n  {{- if .Values.on }}\n---\ngroups:\n- name: g\n  rules:\n  - {alert: B, expr: up}\n",
			"r.yaml:2:3: error: templating is left in; render", "B"},
		"templated field": {"groups:\n- name: {{ .Release.Name }}\n  rules:\n  - {alert: B, expr: up}\n",
			"r.yaml:2:9: error: templating is left in; render", ""},
		"broken document": {"groups: [\n---\ngroups:\n- name: g\n  rules:\n  - {alert: B, expr: up}\n", "not valid YAML", "B"},
		"unknown version": {"apiVersion: monitoring.coreos.com/v2\nkind: PrometheusRule\nspec: {groups: []}\n",
			"r.yaml:2:7: error: PrometheusRule in version \"monitoring.coreos.com/v2\" is not known", ""},
		"no spec":      {"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n", "\"spec\" is missing", ""},
		"no rules":     {"a: b\n", "holds no rules", ""},
		"empty":        {"", "info: holds nothing [rules/not-rules]", ""},
		"null":         {"null\n", "info: holds nothing", ""},
		"an empty map": {"{}\n---\n# no more\n", "info: holds nothing", ""},
		"another object": {"apiVersion: v1\nkind: ConfigMap\n---\napiVersion: apps/v1\nkind: Deployment\n",
			"info: holds no rules, but ConfigMap, Deployment: passed over", ""},
		"a kind without group": {"kind: Deployment\n", "error: holds no rules", ""},
		"not a map":            {"- a\n", "want a map", ""},
		"experimental": {"groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'limitk(2, up)'}\n",
			"warning: A: the expression needs a feature flag", "A"},
		"twins": {"groups:\n- name: g\n  rules:\n  - {alert: A, expr: up}\n  - {alert: A, expr: 'up '}\n",
			"r.yaml:5:5: warning: A is already on line 4", "A A"},
		"list in itself": {"kind: List\nitems: &a\n- {kind: List, items: *a}\n", "lists nest deeper", ""},
	} {
		files, problems := read(t, c.text)
		var names []string
		for _, p := range rules.Rules(files) {
			names = append(names, p.Rule.Name())
		}
		if !strings.Contains(problems, c.want) || strings.Join(names, " ") != c.rest {
			t.Errorf("%s: kept %v, found:\n%swant %s", name, names, problems, c.want)
		}
	}
}

func TestReadTakesCRLFAndBOM(t *testing.T) {
	files, problems := read(t, "\xef\xbb\xbfgroups:\r\n- name: g\r\n  rules:\r\n  - alert: A\r\n    expr: |\r\n      up\r\n      == 0\r\n")
	if problems != "" || len(rules.Rules(files)) != 1 {
		t.Errorf("%d rules, %s", len(rules.Rules(files)), problems)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"groups:\n- name: g\n  rules:\n  - {alert: A, expr: up}\n",
		"kind: List\nitems: &a\n- {kind: List, items: *a}\n",
		"groups: &a\n- name: g\n  rules: *a\n", "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: >-\n      a\n\n      b ++\n", "{{ if }}",
		"spec: {groups: [{}]}\nkind: PrometheusRule"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files, findings := rules.Read("f", []byte(text))
		for _, p := range rules.Rules(files) {
			if p.Rule.Name() == "" {
				t.Error("a rule without a name was kept")
			}
			if _, err := rules.ParseExpr(p.Rule.Expr); err != nil {
				t.Errorf("a rule was kept whose expression does not parse: %v", err)
			}
		}
		if len(files) == 0 && len(findings) == 0 && strings.TrimSpace(text) == "" {
			t.Error("an empty input was silent")
		}
	})
}

// Labels and annotations of alerts are parsed as Prometheus parses them when it loads a file; those of recording rules are texts.
func TestTemplatesAreParsed(t *testing.T) {
	for text, want := range map[string]string{
		`{{ $labels.job }} at {{ $value | humanize }}`: "", `plain`: "", `{{"{{"}} braces }}`: "", `{{ with query "up" }}{{ . | first | value }}{{ end }}`: "",
		`{{ customers }}`: `function "customers" not defined`, `{{ $labels.job`: "unclosed action", `{{ $missing }}`: "undefined variable", `{{ end }}`: "unexpected {{end}}",
	} {
		for _, where := range []string{"labels", "annotations"} {
			file := "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n    " + where + ":\n      text: '" + text + "'\n"
			files, findings := rules.Read("r.yaml", []byte(file))
			switch {
			case want == "" && (len(findings) > 0 || len(files) != 1):
				t.Errorf("%s: %v", text, findings)
			case want != "" && (len(findings) != 1 || findings[0].ID != rules.FindingText || findings[0].Line != 7 || findings[0].Column != 13 ||
				!strings.Contains(findings[0].Message, want)):
				t.Errorf("%s: %v, want %s", text, findings, want)
			}
		}
	}
	if _, findings := rules.Read("r.yaml", []byte("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: up\n    labels: {x: '{{ nope }}'}\n")); len(
		findings,
	) > 0 {
		t.Errorf("a recording rule: %v", findings)
	}
	for _, text := range []string{"a {{ b }} {{ c", "{{", "{{{{ }}", "no braces", `{{"{{"}}`} {
		if err := rules.CheckTemplate(rules.EscapeTemplate(text)); err != nil {
			t.Errorf("%s escaped is %s: %v", text, rules.EscapeTemplate(text), err)
		}
	}
}

// Of a plain rule file only the first document counts; objects and files of mimirtool may be many.
func TestSecondDocuments(t *testing.T) {
	group := func(name, more string) string {
		return more + "groups:\n- name: " + name + "\n  rules: [{alert: A, expr: up == 0}]\n"
	}
	object := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n  groups: []\n"
	for name, c := range map[string]struct {
		text  string
		files int
		line  int
	}{
		"two plain ones":         {group("a", "") + "---\n" + group("b", ""), 1, 5},
		"three":                  {group("a", "") + "---\n" + group("b", "") + "---\n" + group("c", ""), 1, 5},
		"nothing before":         {"# rules\n---\n" + group("a", ""), 1, 0},
		"objects":                {object + "---\n" + object, 2, 0},
		"an empty one before":    {"---\n# nothing\n---\n" + group("a", ""), 0, 4},
		"a line before":          {"---\n" + group("a", ""), 1, 0},
		"an empty one after":     {group("a", "") + "---\n", 1, 0},
		"one a namespace, Mimir": {group("a", "namespace: x\n") + "---\n" + group("b", "namespace: y\n"), 2, 0},
	} {
		files, findings := rules.Read("r.yaml", []byte(c.text))
		if len(files) != c.files || (len(findings) > 0) != (c.line > 0) ||
			c.line > 0 && (findings[0].ID != rules.FindingDocument || findings[0].Line != c.line) {
			t.Errorf("%s: %d files, %v", name, len(files), findings)
		}
		loaded, errs := rulefmt.Parse([]byte(c.text), false, model.UTF8Validation, parser.NewParser(parser.Options{}),
			slog.New(slog.DiscardHandler))
		if len(errs) == 0 && len(loaded.Groups) != c.files {
			t.Errorf("%s: Prometheus loads %d groups", name, len(loaded.Groups))
		}
	}
}

// TestReadFindsRulesInConfigMaps as sidecars load them, with the places that they have in the input.
func TestReadFindsRulesInConfigMaps(t *testing.T) {
	const good = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up ==\n      on(\n  - {alert: B, expr: up}\n"
	indented := "    " + strings.ReplaceAll(strings.TrimSpace(good), "\n", "\n    ") + "\n"
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\ndata:\n"
	nested := "  a.yml: |\n  " + strings.ReplaceAll(strings.TrimSuffix(indented, "\n"), "\n", "\n  ") + "\n"
	for name, c := range map[string]struct{ text, at, want string }{
		"a block":       {head + "  a.rules.yml: |\n" + indented, "r.yaml:12:13", "B"},
		"of two":        {"kind: Service\napiVersion: v1\n---\n" + head + "  x: y\n  a.yml: |-\n" + indented, "r.yaml:16:13", "B"},
		"after a mark":  {head + "  a.yml: |\n    # ours\n    ---\n" + indented, "r.yaml:14:13", "B"},
		"in a list":     {"apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(head, "\n", "\n  ") + nested, "r.yaml:15:15", "B"},
		"in quotes":     {head + "  a.yml: " + strconv.Quote(good) + "\n", "r.yaml:5:10", "B"},
		"two documents": {head + "  a.yml: |\n" + indented + "    ---\n" + indented, "r.yaml:5:10", "B"},
		"another use":   {head + "  a.yml: |\n    apiVersion: 1\n    groups: [{name: g, rules: []}]\n", "r.yaml: info: holds no rules, but ConfigMap", ""},
	} {
		files, problems := read(t, c.text)
		var names []string
		for _, p := range rules.Rules(files) {
			names = append(names, p.Rule.Name())
		}
		if !strings.Contains(problems, c.at) || strings.Join(names, " ") != c.want {
			t.Errorf("%s: %v, %s, want %s", name, names, problems, c.at)
		}
	}
}
