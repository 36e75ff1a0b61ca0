package helm

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/template/parse"
)

// maxTexts and maxDepth bound what is worked out of one API version.
const (
	maxTexts = 16
	maxDepth = 8
)

// possibleText is what an action may write, whatever the values are.
type possibleText struct {
	text   string
	backup bool // it stands in for a value that is not given
}

// setting is what a variable is set to, and where.
type setting struct {
	at   int
	pipe *parse.PipeNode
	when []condition
}

// setOnce is what a variable of a file is set to, where that is the same wherever it is set.
func (b *branches) setOnce(file int, variable string) (text string, ok bool) {
	for in, all := range b.settings {
		if in.file != file || in.variable != variable {
			continue
		}
		for _, s := range all {
			var commands []string
			for _, c := range s.pipe.Cmds {
				commands = append(commands, c.String())
			}
			set := strings.Join(commands, " | ")
			if ok && set != text {
				return "", false
			}
			text, ok = set, true
		}
	}
	return text, ok
}

// scope is where variables are: a file, and a definition in it.
type scope struct {
	file   int
	define string
}

// name is a variable of a scope.
type name struct {
	scope
	variable string
}

// use is a place in a scope.
type use struct {
	scope
	at int
}

// versions are the API versions that the actions behind an "apiVersion:" may write at the version that is judged.
func (j *judge) versions(l literal) []possibleText {
	var out []possibleText
	for _, t := range j.list(use{scope{l.file, l.define}, l.at}, l.value, 0) {
		line, _, _ := strings.Cut(strings.TrimLeft(t.text, " \n"), "\n")
		line, _, _ = strings.Cut(line, " #")
		t.text = strings.Trim(line, " \r\t\"'")
		if versionPattern.MatchString(t.text) && !slices.ContainsFunc(out, func(o possibleText) bool { return o.text == t.text }) {
			out = append(out, t)
		}
	}
	return out
}

func one(text string) []possibleText { return []possibleText{{text: text}} }

// both are two texts, one behind the other, in all combinations.
func both(a, b []possibleText) []possibleText {
	var out []possibleText
	for _, x := range a {
		for _, y := range b {
			if len(out) == maxTexts {
				return out
			}
			out = append(out, possibleText{x.text + y.text, x.backup || y.backup})
		}
	}
	return out
}

// list are the texts that nodes may write one behind the other; none where that depends on values.
func (j *judge) list(at use, nodes []parse.Node, depth int) []possibleText {
	out := one("")
	if depth > maxDepth {
		return nil
	}
	for _, n := range nodes {
		out = both(out, j.node(at, n, depth+1))
	}
	return out
}

func (j *judge) node(at use, n parse.Node, depth int) []possibleText {
	switch n := n.(type) {
	case *parse.TextNode:
		return one(string(n.Text))
	case *parse.CommentNode:
		return one("")
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			return one("")
		}
		return j.value(at, n.Pipe, depth)
	case *parse.TemplateNode:
		return j.included(n.Name, depth)
	case *parse.IfNode:
		return j.branch(at, &n.BranchNode, j.pipe(at.file, n.Pipe), depth)
	case *parse.WithNode:
		return j.branch(at, &n.BranchNode, maybe, depth)
	}
	return nil
}

func (j *judge) branch(at use, n *parse.BranchNode, t truth, depth int) []possibleText {
	var out []possibleText
	if t != never {
		out = append(out, j.list(at, n.List.Nodes, depth)...)
	}
	if len(out) > 0 && hasPattern.MatchString(n.Pipe.String()) {
		return out // the else is for clusters that lack an API of somebody else, which this one serves where it is upgraded
	}
	if t != always && n.ElseList != nil {
		out = append(out, j.list(at, n.ElseList.Nodes, depth)...)
	} else if t != always {
		out = append(out, possibleText{})
	}
	return out[:min(len(out), maxTexts)]
}

// included are the texts of a definition.
func (j *judge) included(definition string, depth int) []possibleText {
	tree := j.defines[definition]
	if tree == nil || tree.Root == nil {
		return nil
	}
	at := use{scope{j.defined[definition], definition}, math.MaxInt}
	return j.list(at, tree.Root.Nodes, depth)
}

// value are the values that a node may have.
func (j *judge) value(at use, n parse.Node, depth int) []possibleText {
	if depth > maxDepth {
		return nil
	}
	switch n := n.(type) {
	case *parse.StringNode:
		return one(n.Text)
	case *parse.NumberNode:
		return one(n.Text)
	case *parse.VariableNode:
		if len(n.Ident) == 1 {
			return j.variable(at, n.Ident[0], depth)
		}
	case *parse.PipeNode:
		var out []possibleText
		for i, c := range n.Cmds {
			out = j.called(at, c, out, i > 0, depth+1)
		}
		return out
	}
	return nil
}

// variable are the values that a variable may have at a place: those that it is set to before, from the last on that is always set.
func (j *judge) variable(at use, variable string, depth int) []possibleText {
	var out []possibleText
	for _, s := range j.settings[name{at.scope, variable}] {
		if s.at > at.at {
			break
		}
		t := j.all(at.file, s.when)
		if t == never {
			continue
		}
		if t == always {
			out = nil
		}
		out = append(out, j.value(use{at.scope, s.at - 1}, s.pipe, depth+1)...)
	}
	return out[:min(len(out), maxTexts)]
}

// all is what is known of conditions that must all be true.
func (j *judge) all(file int, when []condition) truth {
	out := always
	for _, c := range when {
		t := maybe
		if c.word == "if" {
			t = j.pipe(file, c.pipe)
		}
		if c.not {
			t = not(t)
		}
		if t == never {
			return never
		}
		if t == maybe {
			out = maybe
		}
	}
	return out
}

// called are the values of a command; piped is what the command before gives it as its last argument.
func (j *judge) called(at use, c *parse.CommandNode, piped []possibleText, has bool, depth int) []possibleText {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok {
		if len(c.Args) > 1 || has {
			return nil
		}
		return j.value(at, c.Args[0], depth)
	}
	var args [][]possibleText
	for _, a := range c.Args[1:] {
		args = append(args, j.value(at, a, depth))
	}
	if has {
		args = append(args, piped)
	}
	switch n := len(args); {
	case n == 0:
	case id.Ident == "include":
		if s, is := c.Args[1].(*parse.StringNode); is {
			return j.included(s.Text, depth)
		}
	case id.Ident == "print":
		out := one("")
		for _, a := range args {
			out = both(out, a)
		}
		return out
	case id.Ident == "printf":
		return formatted(args)
	case id.Ident == "ternary" && n == 3:
		return slices.Concat(args[0], args[1])
	case id.Ident == "default" && n == 2:
		return append(backups(args[0]), args[1]...)
	case id.Ident == "coalesce":
		return slices.Concat(args...)
	case id.Ident == "tpl":
		return args[0]
	case slices.Contains([]string{"quote", "squote", "trim", "toString", "lower", "nospace", "toYaml"}, id.Ident):
		return args[n-1]
	}
	return nil
}

// backups are texts that stand in for values that are not given.
func backups(all []possibleText) []possibleText {
	var out []possibleText
	for _, t := range all {
		out = append(out, possibleText{t.text, true})
	}
	return out
}

// formatted are the texts of a format that has nothing but %s and %v.
func formatted(args [][]possibleText) []possibleText {
	combined := []possibleText{{}}
	for _, a := range args[1:] {
		combined = both(combined, both(one("\x00"), a))
	}
	var out []possibleText
	for _, f := range args[0] {
		for _, c := range combined {
			var values []any
			for _, v := range strings.Split(c.text, "\x00")[1:] {
				values = append(values, v)
			}
			if strings.Count(f.text, "%") != len(values) || strings.Count(f.text, "%s")+strings.Count(f.text, "%v") != len(values) {
				return nil
			}
			out = append(out, possibleText{fmt.Sprintf(f.text, values...), f.backup || c.backup})
		}
	}
	return out[:min(len(out), maxTexts)]
}
