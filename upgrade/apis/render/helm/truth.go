package helm

import (
	"context"
	"path"
	"regexp"
	"strings"
	"text/template/parse"
)

// truth is what is known of a condition before values are.
type truth int8

const (
	maybe truth = iota
	never
	always
)

func not(t truth) truth {
	switch t {
	case never:
		return always
	case always:
		return never
	}
	return maybe
}

// judge decides conditions: those that ask for the version or the APIs of Kubernetes have an answer, all others depend on values.
type judge struct {
	*branches
	ctx     context.Context
	options Options
	known   func(group string) bool // whether a group is one of Kubernetes' own
	answers map[string]truth
}

// maxAsked bounds the questions that one chart may cost.
const maxAsked = 50

// possible reports whether some values may make the object of a literal at the version that is judged.
func (j *judge) possible(l literal) bool {
	for _, c := range l.when {
		t := j.pipe(l.file, c.pipe)
		if c.not {
			t = not(t)
		}
		if t == never {
			return false
		}
	}
	return true
}

func (j *judge) pipe(file int, p *parse.PipeNode) truth {
	if len(p.Cmds) != 1 {
		return j.atom(file, p.String())
	}
	return j.command(file, p.Cmds[0])
}

func (j *judge) command(file int, c *parse.CommandNode) truth {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	switch {
	case ok && id.Ident == "not" && len(c.Args) == 2:
		return not(j.arg(file, c.Args[1]))
	case ok && (id.Ident == "and" || id.Ident == "or"):
		end := map[string]truth{"and": never, "or": always}[id.Ident]
		all := not(end)
		for _, a := range c.Args[1:] {
			switch t := j.arg(file, a); {
			case t == end:
				return end
			case t == maybe:
				all = maybe
			}
		}
		return all
	case len(c.Args) == 1:
		return j.arg(file, c.Args[0])
	}
	return j.atom(file, c.String())
}

func (j *judge) arg(file int, n parse.Node) truth {
	switch n := n.(type) {
	case *parse.PipeNode:
		return j.pipe(file, n)
	case *parse.BoolNode:
		return truthOf(n.True)
	case *parse.FieldNode:
		return j.given(file, n.Ident)
	case *parse.VariableNode:
		if len(n.Ident) > 1 && n.Ident[0] == "$" {
			return j.given(file, n.Ident[1:])
		}
	}
	return j.atom(file, n.String())
}

func truthOf(v bool) truth {
	if v {
		return always
	}
	return never
}

// given decides a condition on a value that the user gave.
func (j *judge) given(file int, ident []string) truth {
	v, ok := lookup(j.options.Values, j.valuePath(file, ident))
	if b, is := v.(bool); ok && is {
		return truthOf(b)
	}
	return maybe
}

// lookup finds a value by its path.
func lookup(values map[string]any, at []string) (v any, ok bool) {
	v = values
	for _, name := range at {
		table, _ := asTable(v)
		if v, ok = table[name]; !ok {
			return nil, false
		}
	}
	return v, ok
}

var (
	variablePattern = regexp.MustCompile(`\$[A-Za-z_]\w*`)
	includePattern  = regexp.MustCompile(`(?:include|template) "([^"]+)"`)
	hasPattern      = regexp.MustCompile(`APIVersions\.Has \(?"([^"]*)"`)
)

// atom decides a condition that is not made of others, by letting the engine do so.
func (j *judge) atom(file int, text string) truth {
	text = j.resolved(file, text, 0)
	if !j.asksVersion(text, map[string]bool{}) {
		return maybe
	}
	dir := path.Dir(j.files[file].Name)
	key := dir + "\n" + text
	if t, ok := j.answers[key]; ok || len(j.answers) >= maxAsked {
		return t
	}
	j.answers[key] = j.ask(dir, text)
	if root := "templates"; j.answers[key] == maybe && dir != root { // the subchart may be switched off; versions are the same everywhere
		j.answers[key] = j.ask(root, text)
	}
	return j.answers[key]
}

// resolved puts what variables are set to in their places.
func (j *judge) resolved(file int, text string, depth int) string {
	if depth > 8 {
		return text
	}
	return variablePattern.ReplaceAllStringFunc(text, func(name string) string {
		if value, ok := j.setOnce(file, name); ok {
			return "(" + j.resolved(file, value, depth+1) + ")"
		}
		return name
	})
}

// asksVersion reports whether a text depends on what Kubernetes is, by itself or through a definition; whether an API of somebody
// else is there is not known.
func (j *judge) asksVersion(text string, seen map[string]bool) bool {
	for _, m := range hasPattern.FindAllStringSubmatch(text, -1) {
		group, _, ok := strings.Cut(m[1], "/")
		if ok && j.known != nil && !j.known(group) {
			return false
		}
	}
	if strings.Contains(text, "Capabilities") {
		return true
	}
	for _, m := range includePattern.FindAllStringSubmatch(text, -1) {
		if tree := j.defines[m[1]]; tree != nil && tree.Root != nil && !seen[m[1]] {
			seen[m[1]] = true
			if j.asksVersion(tree.Root.String(), seen) {
				return true
			}
		}
	}
	return false
}

// ask renders a template that is nothing but the question, beside the one that asks it.
func (j *judge) ask(dir, text string) truth {
	var files []File
	for _, f := range j.files {
		if !isTemplate(f.Name) || strings.HasPrefix(path.Base(f.Name), "_") {
			files = append(files, f)
		}
	}
	question := "answer: {{ if " + text + " }}always{{ else }}never{{ end }}\n"
	files = append(files, File{Name: dir + "/treadmill-question.yaml", Path: "question", Data: []byte(question)})
	made, err := Render(j.ctx, files, j.options)
	for _, d := range made.Documents {
		switch answer := string(d.Text); {
		case err != nil || d.File.Path != "question":
		case strings.Contains(answer, "always"):
			return always
		case strings.Contains(answer, "never"):
			return never
		}
	}
	return maybe
}
