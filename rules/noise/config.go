package noise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// FindingConfig is an Alertmanager configuration that cannot be followed.
const FindingConfig = "audit/alertmanager"

// Config is the part of an Alertmanager configuration that says who is told of what, and when not.
type Config struct {
	root     route
	inhibits []inhibit
	silent   map[string]bool // receivers without an integration
}

// route is a node of the routing tree, with what it inherits.
type route struct {
	receiver              string
	matchers              labels.Matchers
	cont                  bool
	groupBy               []string
	groupAll              bool
	wait, interval, again time.Duration
	mute, active          [][]timeinterval.TimeInterval
	routes                []route
}

type inhibit struct {
	source, target labels.Matchers
	equal          []string
}

// Default is the routing that is assumed where no configuration is known: what Alertmanager does by default, with one
// group for each name and with only alerts of the severities critical and page going anywhere.
func Default() Config {
	critical, err := labels.NewMatcher(labels.MatchRegexp, "severity", "critical|page")
	if err != nil {
		panic(err) // a constant expression
	}
	root := route{receiver: "nobody", groupBy: []string{"alertname"}, wait: 30 * time.Second, interval: 5 * time.Minute, again: 4 * time.Hour}
	paged := root
	paged.receiver, paged.matchers = "page", labels.Matchers{critical}
	root.routes = []route{paged}
	return Config{root: root, silent: map[string]bool{"nobody": true}}
}

// The file, as far as it is read. Receivers hold secrets: nothing of them but names is looked at.
type configFile struct {
	Route        *routeFile     `yaml:"route"`
	Receivers    []receiverFile `yaml:"receivers"`
	InhibitRules []inhibitFile  `yaml:"inhibit_rules"`
	Times        []intervalFile `yaml:"time_intervals"`
	MuteTimes    []intervalFile `yaml:"mute_time_intervals"`
}

// receiverFile is the name of a receiver, and under which keys it has something.
type receiverFile struct {
	Name string               `yaml:"name"`
	Rest map[string]yaml.Node `yaml:",inline"`
}

// silent reports whether a receiver has no integration.
func (f receiverFile) silent() bool {
	for key, list := range f.Rest {
		if strings.HasSuffix(key, "_configs") && len(list.Content) > 0 {
			return false
		}
	}
	return true
}

type routeFile struct {
	Receiver       string            `yaml:"receiver"`
	Match          map[string]string `yaml:"match"`
	MatchRE        map[string]string `yaml:"match_re"`
	Matchers       []string          `yaml:"matchers"`
	Continue       bool              `yaml:"continue"`
	GroupBy        []string          `yaml:"group_by"`
	GroupWait      *model.Duration   `yaml:"group_wait"`
	GroupInterval  *model.Duration   `yaml:"group_interval"`
	RepeatInterval *model.Duration   `yaml:"repeat_interval"`
	Mute           []string          `yaml:"mute_time_intervals"`
	Active         []string          `yaml:"active_time_intervals"`
	Routes         []routeFile       `yaml:"routes"`
}

type inhibitFile struct {
	SourceMatch    map[string]string `yaml:"source_match"`
	SourceMatchRE  map[string]string `yaml:"source_match_re"`
	SourceMatchers []string          `yaml:"source_matchers"`
	TargetMatch    map[string]string `yaml:"target_match"`
	TargetMatchRE  map[string]string `yaml:"target_match_re"`
	TargetMatchers []string          `yaml:"target_matchers"`
	Equal          []string          `yaml:"equal"`
}

type intervalFile struct {
	Name      string                      `yaml:"name"`
	Intervals []timeinterval.TimeInterval `yaml:"time_intervals"`
}

// ReadConfig reads an Alertmanager configuration file.
func ReadConfig(name string, data []byte) (Config, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	if diag.Any(findings, diag.Error) {
		return Config{}, findings
	}
	fail := func(format string, args ...any) (Config, []diag.Finding) {
		return Config{}, append(findings, diag.Errorf(FindingConfig, diag.Position{File: name}, format, args...))
	}
	if len(docs) != 1 || docs[0].Root.Kind != yaml.MappingNode {
		return fail("want the configuration file of an Alertmanager, with \"route:\"")
	}
	var file configFile
	if err := docs[0].Root.Decode(&file); err != nil {
		return fail("cannot be followed: %v", err)
	}
	if file.Route == nil {
		return fail("has no \"route:\"")
	}
	times := map[string][]timeinterval.TimeInterval{}
	for _, t := range slices.Concat(file.Times, file.MuteTimes) {
		times[t.Name] = t.Intervals
	}
	root, err := file.Route.route(route{wait: 30 * time.Second, interval: 5 * time.Minute, again: 4 * time.Hour}, times, 0)
	if err != nil {
		return fail("%v", err)
	}
	c := Config{root: root, silent: map[string]bool{}}
	for _, r := range file.Receivers {
		c.silent[r.Name] = r.silent()
	}
	for _, r := range file.InhibitRules {
		i, err := r.inhibit()
		if err != nil {
			return fail("inhibit rule: %v", err)
		}
		c.inhibits = append(c.inhibits, i)
	}
	return c, findings
}

// maxDepth bounds what aliases can make of a routing tree.
const maxDepth = 50

func (f routeFile) route(parent route, times map[string][]timeinterval.TimeInterval, depth int) (route, error) {
	r := parent
	r.routes, r.mute, r.active, r.cont = nil, nil, nil, f.Continue
	if depth > maxDepth {
		return r, fmt.Errorf("routes nest deeper than %d levels", maxDepth)
	}
	if f.Receiver != "" {
		r.receiver = f.Receiver
	}
	var err error
	if r.matchers, err = matchers(f.Match, f.MatchRE, f.Matchers); err != nil {
		return r, fmt.Errorf("route to %q: %w", r.receiver, err)
	}
	if len(f.GroupBy) > 0 {
		r.groupBy, r.groupAll = f.GroupBy, slices.Contains(f.GroupBy, "...")
	}
	for _, d := range []struct {
		given *model.Duration
		into  *time.Duration
	}{{f.GroupWait, &r.wait}, {f.GroupInterval, &r.interval}, {f.RepeatInterval, &r.again}} {
		if d.given != nil {
			*d.into = time.Duration(*d.given)
		}
	}
	if r.interval <= 0 {
		return r, fmt.Errorf("route to %q: group_interval must be longer than nothing", r.receiver)
	}
	for _, list := range []struct {
		names []string
		into  *[][]timeinterval.TimeInterval
	}{{f.Mute, &r.mute}, {f.Active, &r.active}} {
		for _, name := range list.names {
			intervals, ok := times[name]
			if !ok {
				return r, fmt.Errorf("route to %q: there is no time interval %q", r.receiver, name)
			}
			*list.into = append(*list.into, intervals)
		}
	}
	for _, child := range f.Routes {
		c, err := child.route(r, times, depth+1)
		if err != nil {
			return r, err
		}
		r.routes = append(r.routes, c)
	}
	return r, nil
}

func (f inhibitFile) inhibit() (i inhibit, err error) {
	i.equal = f.Equal
	if i.source, err = matchers(f.SourceMatch, f.SourceMatchRE, f.SourceMatchers); err != nil {
		return i, err
	}
	i.target, err = matchers(f.TargetMatch, f.TargetMatchRE, f.TargetMatchers)
	return i, err
}

// matchers reads matchers in the three forms that Alertmanager takes.
func matchers(equal, match map[string]string, texts []string) (labels.Matchers, error) {
	var out labels.Matchers
	for name, v := range equal {
		m, err := labels.NewMatcher(labels.MatchEqual, name, v)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	for name, v := range match {
		if _, err := regexp.Compile(v); err != nil {
			return nil, err
		}
		m, err := labels.NewMatcher(labels.MatchRegexp, name, v)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	for _, text := range texts {
		ms, err := parse.Matchers(text)
		if err != nil {
			if ms, err = labels.ParseMatchers(text); err != nil { // the older form, which Alertmanager still takes
				return nil, fmt.Errorf("matchers %q: %w", text, err)
			}
		}
		out = append(out, ms...)
	}
	return out, nil
}
