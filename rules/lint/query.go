package lint

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
)

// Query is one expression that somebody relies on. Owner is the rule or the panel that has it.
type Query struct {
	Owner, Expr string
	Pos         diag.Position
}

// Rules returns the queries of rule files, and the names of the series that they record.
func Rules(files []rules.File) (queries []Query, recorded map[string]bool) {
	for _, p := range rules.Rules(files) {
		queries = append(queries, Query{Owner: p.Rule.Name(), Expr: p.Rule.Expr, Pos: p.Rule.ExprPos})
	}
	return queries, rules.Recorded(files)
}

// Dashboards returns the queries of the Grafana dashboards in an input: a dashboard by itself, as it is exported or
// embedded under "dashboard", or the values of config maps. dashboards says how many there were; none is no finding.
func Dashboards(name string, data []byte) (queries []Query, dashboards int) {
	docs, _ := yamlx.Documents(name, data)
	d := &reader{name: name}
	for _, doc := range docs {
		d.object(doc.Root, 0)
	}
	return d.queries, d.dashboards
}

type reader struct {
	name       string
	queries    []Query
	dashboards int
	nodes      int
}

// maxNodes bounds what aliases can make of an input.
const maxNodes = 5_000_000

// object reads a dashboard, a config map that holds some, or a list of such.
func (r *reader) object(n *yaml.Node, depth int) {
	switch {
	case depth > 3 || n == nil || n.Kind != yaml.MappingNode:
	case yamlx.Child(n, "panels") != nil || yamlx.Child(n, "rows") != nil && yamlx.Child(n, "title") != nil:
		r.dashboards++
		r.targets(n, yamlx.Text(n, "title"), 0)
	case yamlx.Child(n, "dashboard") != nil:
		r.object(yamlx.Child(n, "dashboard"), depth+1)
	case yamlx.Text(n, "kind") == "ConfigMap":
		r.configMap(yamlx.Child(n, "data"))
	case yamlx.Child(n, "items") != nil:
		for _, item := range yamlx.Child(n, "items").Content {
			r.object(item, depth+1)
		}
	}
}

func (r *reader) configMap(data *yaml.Node) {
	for key, v := range yamlx.Pairs(data) {
		if strings.HasSuffix(key.Value, ".json") && v.Kind == yaml.ScalarNode {
			docs, _ := yamlx.Parse(r.name, []byte(v.Value), v.Line)
			for _, doc := range docs {
				r.object(doc.Root, 1)
			}
		}
	}
}

// targets finds the expressions of a dashboard: wherever a map has one, under the title of the panel around it.
func (r *reader) targets(n *yaml.Node, owner string, depth int) {
	if r.nodes++; r.nodes > maxNodes || depth > 30 || n == nil {
		return
	}
	if n.Kind == yaml.MappingNode {
		if title := yamlx.Text(n, "title"); title != "" {
			owner = title
		}
		if e := yamlx.Child(n, "expr"); e != nil && e.Kind == yaml.ScalarNode && strings.TrimSpace(e.Value) != "" && prometheus(n) {
			r.queries = append(r.queries, Query{Owner: "panel " + owner, Expr: plain(e.Value), Pos: yamlx.Position(r.name, e)})
		}
	}
	for _, c := range n.Content {
		if c.Kind == yaml.MappingNode || c.Kind == yaml.SequenceNode {
			r.targets(c, owner, depth+1)
		}
	}
}

// prometheus says whether a target is for Prometheus, or does not say what it is for.
func prometheus(target *yaml.Node) bool {
	source := yamlx.Child(target, "datasource")
	if source == nil || source.Kind != yaml.MappingNode {
		return true
	}
	kind := yamlx.Text(source, "type")
	return kind == "" || kind == "prometheus" || kind == "datasource"
}

// Grafana's variables: in a range they stand for a duration, elsewhere for a word.
var (
	durations = regexp.MustCompile(
		`\$\{?__(?:rate_interval|interval|range|range_s|interval_ms)(?:_ms)?(?::\w+)?\}?|(\[)\s*\$\{?\w+(?::\w+)?\}?`,
	)
	// later are those in the step of a subquery and behind offset.
	later = regexp.MustCompile(`(\[[^\]"]*:\s*|\boffset\s+-?)(?:\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+(?::\w+)?\]\])`)
	words = regexp.MustCompile(`\$\{[^}]*\}|\$\w+|\[\[\w+(?::\w+)?\]\]`)
)

// first and last are variables that stand where a function wants a number: topk($k, x), topk by (pod) ($k, x), clamp_max(x, $most).
var (
	first = regexp.MustCompile(`(\(\s*)(?:\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+(?::\w+)?\]\])(\s*,)`)
	last  = regexp.MustCompile(`(,\s*)(?:\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+(?::\w+)?\]\])(\s*[,)])`)
)

// plain puts values instead of Grafana's variables, so that a query parses. A variable is a duration where only that can stand; elsewhere
// it is a word, and a number where a word does not parse.
func plain(expr string) string {
	expr = later.ReplaceAllString(durations.ReplaceAllString(expr, "${1}5m"), "${1}5m")
	text := words.ReplaceAllString(expr, "x")
	leading := first.ReplaceAllString(expr, "${1}5$2")
	trailing := last.ReplaceAllString(last.ReplaceAllString(leading, "${1}5$2"), "${1}5$2") // twice, as neighbours share a comma
	for _, some := range []string{expr, leading, trailing} {
		some = words.ReplaceAllString(some, "x")
		if _, err := rules.ParseExpr(some); err == nil {
			return some
		}
	}
	return text
}
