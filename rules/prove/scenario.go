// Package prove plays failures, and harmless events, to alert rules and says who would have been woken.
//
// The way through it: Read scenario files → Scenarios → Play them over rules → Outcomes. A scenario is a healthy world of
// series that changes for a while; what the rules make of it is computed by Prometheus's own engine. It shows what rules do
// in the cases that somebody wrote down, and in no others.
package prove

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
)

//go:embed data/scenarios.yaml
var shipped []byte

//go:embed data/reported.yaml
var reported []byte

// Expectation is what ought to come of a scenario.
type Expectation string

// The expectations.
const (
	WantPage   Expectation = "page"   // users notice: somebody must be woken in time
	WantTicket Expectation = "ticket" // somebody must look by day, and nobody be woken
	WantQuiet  Expectation = "quiet"  // nobody may be woken
	WantSilent Expectation = "silent" // nobody may be told: no page and no ticket
)

// UnmarshalText reads an expectation.
func (e *Expectation) UnmarshalText(text []byte) error {
	*e = Expectation(text)
	if !slices.Contains([]Expectation{WantPage, WantTicket, WantQuiet, WantSilent}, *e) {
		return fmt.Errorf("%q is not an expectation: want page, ticket, quiet or silent", text)
	}
	return nil
}

// Scenario is one event: what the world does, for how long, and what ought to come of it.
type Scenario struct {
	Pos     diag.Position
	Name    string         `yaml:"name,required"`
	Says    string         `yaml:"says,required"` // one sentence
	Source  string         `yaml:"source"`        // where such an event is told of
	Expect  Expectation    `yaml:"expect,required"`
	Within  model.Duration `yaml:"within"`  // of the beginning; for page and ticket
	History model.Duration `yaml:"history"` // how long the healthy world is known before; 30m where it is left out
	Lasts   model.Duration `yaml:"lasts"`   // 1h where it is left out
	After   model.Duration `yaml:"after"`   // how long one goes on watching; 30m where it is left out
	Changes []Change       `yaml:"changes"`
	Below   []Below        `yaml:"below"` // what ought to come of it in smaller clusters
	Nodes   int            `yaml:"-"`     // of its world

	Shipped bool `yaml:"-"` // it is one of Treadmill's own, so that its place is in no file of the user
	world   []Series
}

// Series is one series of the healthy world, or several: {n} in it counts the copies from 1.
type Series struct {
	Pos       diag.Position
	Series    yamlx.At[string] `yaml:"series,required"`
	Copies    int              `yaml:"copies"`
	EachNode  bool             `yaml:"eachNode"` // as many copies as there are nodes
	Behaviour `yaml:",inline"`
}

// Change is what the series that a selector matches do while the event lasts; a series that the world does not have is
// named in full and was not there before.
type Change struct {
	Pos       diag.Position
	Match     yamlx.At[string] `yaml:"match"`
	Series    yamlx.At[string] `yaml:"series"`
	Behaviour `yaml:",inline"`

	matchers []*labels.Matcher
}

// Shipped gives the scenarios that Treadmill ships, over a world whose jobs are named as the rules name them.
func Shipped(files []rules.File) ([]Scenario, []diag.Finding) {
	return Read(ShippedSources(), files)
}

// ShippedSources are the files of the shipped scenarios.
func ShippedSources() []Source {
	return []Source{{Name: shippedName + "scenarios.yaml", Data: shipped}, {Name: shippedName + "reported.yaml", Data: reported}}
}

// shippedName begins the names of the files of the shipped scenarios; it has a character that no name of a file has.
const shippedName = "shipped\x00"

// Source is a scenario file.
type Source struct {
	Name string
	Data []byte
}

// document is the form of a scenario file.
type document struct {
	Version   int        `yaml:"version,required"`
	Jobs      []job      `yaml:"jobs"`
	World     []Series   `yaml:"world"`
	Scenarios []Scenario `yaml:"scenarios"`
}

// job is a name that installations choose, such as that of Alertmanager's job: $alertmanager in a series stands for the one
// that the rules ask for in selectors on a metric, and for a default where they ask for none.
type job struct {
	Pos     diag.Position
	Name    string `yaml:"name,required"`
	Metric  string `yaml:"metric,required"`
	Default string `yaml:"default,required"`
}

// Read reads scenario files. Their worlds add up, and every scenario plays in all of it.
func Read(sources []Source, files []rules.File) ([]Scenario, []diag.Finding) {
	return ReadAt(sources, files, UsualNodes)
}

func (r *reader) read(sources []Source) []Scenario {
	var docs []document
	for _, s := range sources {
		parsed, findings := yamlx.Documents(s.Name, s.Data)
		r.findings = append(r.findings, findings...)
		if len(parsed) == 0 && len(findings) == 0 {
			r.fail(diag.Position{File: s.Name}, "the file is empty: want version: 1 and scenarios")
		}
		for _, doc := range parsed {
			var d document
			r.findings = append(r.findings, yamlx.Decode(doc, &d)...)
			if d.Version != 1 {
				r.fail(yamlx.Position(s.Name, doc.Root), "version: want 1")
			}
			docs = append(docs, d)
		}
	}
	for _, d := range docs {
		for _, j := range d.Jobs {
			r.jobs[j.Name] = j.Default
			if asked := r.asked[j.Metric]; asked != "" {
				r.jobs[j.Name] = asked
			}
		}
	}
	var out []Scenario
	for _, d := range docs {
		for i := range d.World {
			r.series(&d.World[i])
		}
	}
	for _, d := range docs {
		for _, s := range d.Scenarios {
			s.Shipped = strings.HasPrefix(s.Pos.File, shippedName)
			r.scenario(&s)
			out = append(out, s)
		}
	}
	for i := range out {
		out[i].world, out[i].Nodes = r.world, r.nodes
	}
	return out
}

type reader struct {
	parser   parser.Parser
	jobs     map[string]string
	nodes    int               // of the world
	asked    map[string]string // metric → the job that rules ask for
	world    []Series
	findings []diag.Finding
}

func (r *reader) fail(at diag.Position, format string, args ...any) {
	r.findings = append(r.findings, diag.Errorf("prove/invalid", at, format, args...))
}

// named puts the names that installations choose, and the numbers of nodes, into a series or selector.
func (r *reader) named(text string) string {
	for name, job := range r.jobs {
		text = strings.ReplaceAll(text, "$"+name, job)
	}
	return r.sized(text)
}

// series adds a series of the world with all its copies.
func (r *reader) series(s *Series) {
	if !s.Series.Set() {
		return
	}
	if s.kinds() != 1 || s.To != nil || s.Still || s.Gone {
		r.fail(s.Pos, "a series of the healthy world has one of gauge, rate and clock")
	}
	copies := max(s.Copies, 1)
	if s.EachNode {
		copies = r.nodes
	}
	for n := 1; n <= copies; n++ {
		one := *s
		one.Series.V = r.named(strings.ReplaceAll(s.Series.V, "{n}", strconv.Itoa(n)))
		if _, err := r.parser.ParseMetric(one.Series.V); err != nil {
			r.fail(s.Series.Pos, "series: %v", err)
			return
		}
		r.world = append(r.world, one)
	}
}

func (r *reader) scenario(s *Scenario) {
	for d, usual := range map[*model.Duration]time.Duration{&s.History: 30 * time.Minute, &s.Lasts: time.Hour, &s.After: 30 * time.Minute} {
		if *d == 0 {
			*d = model.Duration(usual)
		}
	}
	r.size(s)
	if (s.Expect == WantPage || s.Expect == WantTicket) && s.Within == 0 {
		r.fail(s.Pos, "%s: within is missing: how soon must it come?", s.Name)
	}
	for i := range s.Changes {
		c := &s.Changes[i]
		if c.kinds() != 1 || c.Match.Set() == c.Series.Set() {
			r.fail(c.Pos, "a change has one of match and series, and one of gauge, to, rate, clock, gone and still")
			continue
		}
		var err error
		if c.Match.Set() {
			c.Match.V = r.named(c.Match.V)
			c.matchers, err = r.parser.ParseMetricSelector(c.Match.V)
		} else {
			c.Series.V = r.named(c.Series.V)
			_, err = r.parser.ParseMetric(c.Series.V)
		}
		if err != nil {
			r.fail(c.Pos, "%v", err)
		}
	}
}

// askedJobs maps metrics to the first job that a rule asks for by name in a selector on it.
func askedJobs(files []rules.File) map[string]string {
	out := map[string]string{}
	for _, p := range rules.Rules(files) {
		expr, err := rules.ParseExpr(p.Rule.Expr)
		if err != nil {
			continue
		}
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			if vs, ok := n.(*parser.VectorSelector); ok && vs.Name != "" && out[vs.Name] == "" {
				for _, m := range vs.LabelMatchers {
					if m.Name == "job" && m.Type == labels.MatchEqual {
						out[vs.Name] = m.Value
					}
				}
			}
			return nil
		})
	}
	return out
}
