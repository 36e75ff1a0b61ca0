package helm

import (
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// maxCI bounds the files of values for tests that a chart is rendered with besides.
const maxCI = 10

var oldPattern = regexp.MustCompile(`v\d+(?:alpha|beta)\d+`)

// complete is the look at what a chart does not make with the values that it has: what it makes with the values of its own tests
// (ci/*-values.yaml) and with its conditions switched on, and what its templates write that still no rendering got to.
type complete struct {
	Renderer
	root    string
	files   []File
	options Options
	known   func(group string) bool
	reached map[place]bool
	flows   map[api]int // how many objects in flow style were made at most; no place tells of them
	only    string      // see read.Input
	yield   func(read.Document) bool
}

// run returns false when nobody wants more. Charts without an API that may be old cost nothing.
func (c *complete) run(ctx context.Context, made Rendered, how read.Made) bool {
	if !made.whole || !slices.ContainsFunc(c.files, func(f File) bool { return oldPattern.Match(f.Data) && !isDefinition(f.Name) }) {
		return true
	}
	b := parseBranches(c.files)
	if slices.ContainsFunc(b.literals, func(l literal) bool { return l.flow }) {
		c.flows = map[api]int{}
		countFlows(c.flows, made.Documents)
	}
	for _, f := range c.tests() {
		if !c.render(ctx, how, Layer{File: f}, "it takes "+f.Name) {
			return false
		}
	}
	if flips := b.off(made.Values, c.options.Values); len(flips) > 0 &&
		!c.render(ctx, how, Layer{Set: strings.Join(flips, "=true,") + "=true"}, with(flips)) {
		return false
	}
	return c.left(ctx, b, how.Owner)
}

// tests are the values that the chart is tested with.
func (c *complete) tests() []File {
	var out []File
	for _, f := range c.files {
		if ok, _ := path.Match("ci/*values.yaml", f.Name); ok && len(out) < maxCI {
			out = append(out, f)
		}
	}
	return out
}

// with says which values were switched on.
func with(flips []string) string {
	if len(flips) > 2 {
		return "it takes other values"
	}
	return "it takes " + strings.Join(flips, "=true, ") + "=true"
}

// render renders the chart with more values. What does not render so is no fault of the chart.
func (c *complete) render(ctx context.Context, how read.Made, more Layer, takes string) bool {
	values, err := Join([]Layer{more})
	if err != nil {
		return true
	}
	o := c.options
	o.Values = over(o.Values, values)
	made, err := Render(ctx, c.files, o)
	if err != nil {
		return ctx.Err() == nil
	}
	maps.Copy(c.reached, made.reached)
	if c.flows != nil {
		countFlows(c.flows, made.Documents)
	}
	how.Unreached = takes
	for _, d := range made.Documents {
		if !d.documents(how, c.yield) {
			return false
		}
	}
	return true
}

// left tells of the objects that no rendering got to, and that some values may make.
func (c *complete) left(ctx context.Context, b *branches, owner string) bool {
	j := judge{branches: b, ctx: ctx, options: c.options, known: c.known, answers: map[string]truth{}}
	told := map[place]bool{}
	for _, l := range b.literals {
		if l.inline {
			told[l.place()] = true
		}
	}
	for _, l := range b.literals {
		may := []possibleText{{text: l.apiVersion}}
		if l.computed {
			may = j.versions(l)
		}
		for _, m := range may {
			l.apiVersion = m.text
			at := place{l.file, l.line, l.apiVersion}
			if l.apiVersion == "" || l.computed && told[at] || c.made(b, l, m.backup) || c.Want != nil && !c.Want([]byte(l.apiVersion), []byte(l.kind)) ||
				!j.possible(l) {
				continue
			}
			o := object.Object{Source: object.Helm, APIVersion: l.apiVersion, Kind: l.kind, Owner: owner, Unreached: b.takes(l),
				Position: diag.Position{File: c.files[l.file].Path, Line: l.line, Column: l.column}}
			if !c.yield(read.Document{Position: o.Position, Known: &o, Made: &read.Made{Source: object.Helm, Unreached: o.Unreached, Only: c.only}}) {
				return false
			}
		}
	}
	return true
}

// made reports whether a rendering got to a literal. One in flow style has no place there: all of its kind have been made, or none is sure.
// What stands in for a value that is not given is none that a rendering which gets to the line leaves in doubt.
func (c *complete) made(b *branches, l literal, backup bool) bool {
	if !l.flow {
		return c.reached[l.place()] || backup && c.reached[place{file: l.file, line: l.line}]
	}
	n := 0
	for _, other := range b.literals {
		if other.flow && other.apiVersion == l.apiVersion && other.kind == l.kind {
			n++
		}
	}
	return c.flows[api{l.apiVersion, l.kind}] >= n || c.reached[l.place()]
}

// place is where a rendering that gets to the literal marks it.
func (l literal) place() place {
	p := place{file: l.file, line: l.line}
	if l.inline || l.computed {
		p.value = l.apiVersion
	}
	return p
}

// takes says in words what it takes to get to a literal.
func (b *branches) takes(l literal) string {
	when, used := b.uses[l.define]
	switch {
	case len(l.when) > 0:
		return "it takes " + l.when[0].String()
	case len(when) > 0:
		return "it takes " + when[0].String()
	case used:
		return "it stands in the definition \"" + l.define + "\", which no rendering gets to"
	case l.define != "":
		return "it stands in the definition \"" + l.define + "\", which no template here uses"
	}
	if l.computed {
		return "it takes values that choose it"
	}
	return "its template makes nothing"
}

// off lists those of the values that conditions ask for that are false, and not because the user has given them so.
func (b *branches) off(values, given map[string]any) []string {
	var out []string
	for at := range b.flips {
		path := strings.Split(at, ".")
		if _, ok := lookup(given, path); ok {
			continue
		}
		if v, _ := lookup(values, path); v == false {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return out
}
