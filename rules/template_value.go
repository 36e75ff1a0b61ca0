package rules

import (
	"errors"
	"slices"
	"strings"
	"text/template/parse"
)

// ErrValue says that the value of an alert is used where it cannot be told apart from another one: in a template that the text defines.
var ErrValue = errors.New("it uses .Value in a template of its own")

// ScaleValue is the text of a label or an annotation with a part of the value of its alert instead of the value: by is what is done to
// it, in PromQL, such as "* 0.001". A text that does not use the value, or does not parse, stays as it is.
func ScaleValue(text, by string) (string, error) {
	if !strings.Contains(text, "{{") || !strings.Contains(text, "alue") {
		return text, nil
	}
	uses, err := valueUses(text)
	if err != nil || len(uses) == 0 {
		return text, err
	}
	for _, u := range slices.Backward(uses) {
		text = text[:u.from] + "$value" + text[u.to:]
	}
	return `{{ $value := printf "%v ` + by + `" $value | query | first | value }}` + text, nil
}

// use is where a text names the value of its alert: as $value, $.Value, or .Value where the dot is that of the whole text.
type use struct{ from, to int }

func valueUses(text string) ([]use, error) {
	tree := parse.New("text")
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(templateNames+text, "", "", trees); err != nil {
		return nil, nil //nolint:nilerr // CheckTemplate says it, with its place
	}
	for name, other := range trees {
		inner := valueFinder{text: text}
		if name != "text" {
			inner.walk(other.Root, true)
		}
		if len(inner.uses) > 0 {
			return nil, ErrValue
		}
	}
	f := valueFinder{text: text}
	f.walk(tree.Root, true)
	slices.SortFunc(f.uses, func(a, b use) int { return a.from - b.from })
	return slices.Compact(f.uses), nil
}

type valueFinder struct {
	text string
	uses []use
}

// walk finds the uses below a node; top says that the dot is that of the whole text.
func (f *valueFinder) walk(n parse.Node, top bool) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			f.walk(child, top)
		}
	case *parse.ActionNode:
		f.walk(n.Pipe, top)
	case *parse.IfNode:
		f.branch(&n.BranchNode, top, top)
	case *parse.RangeNode:
		f.branch(&n.BranchNode, top, false)
	case *parse.WithNode:
		f.branch(&n.BranchNode, top, false)
	case *parse.TemplateNode:
		f.walk(n.Pipe, top)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			for _, arg := range c.Args {
				f.walk(arg, top)
			}
		}
	case *parse.ChainNode:
		f.walk(n.Node, top)
	case *parse.VariableNode, *parse.FieldNode:
		f.name(n, top)
	}
}

// name notes a name that means the value.
func (f *valueFinder) name(n parse.Node, top bool) {
	switch n := n.(type) {
	case *parse.VariableNode:
		switch {
		case n.Ident[0] == "$value":
			f.found(int(n.Pos), "$value")
		case n.Ident[0] == "$" && len(n.Ident) > 1 && n.Ident[1] == "Value":
			f.found(int(n.Pos)-1, "$.Value")
		}
	case *parse.FieldNode:
		if top && n.Ident[0] == "Value" {
			f.found(int(n.Pos), ".Value")
		}
	}
}

func (f *valueFinder) branch(n *parse.BranchNode, top, within bool) {
	f.walk(n.Pipe, top)
	f.walk(n.List, within)
	f.walk(n.ElseList, top)
}

// found notes a use where the text has its word; the names that stand before every text are none of it.
func (f *valueFinder) found(at int, word string) {
	if at -= len(templateNames); at >= 0 && strings.HasPrefix(f.text[at:], word) {
		f.uses = append(f.uses, use{at, at + len(word)})
	}
}
