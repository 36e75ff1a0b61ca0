package helm

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// condition is an if, with or range on the way to a text.
type condition struct {
	word string
	pipe *parse.PipeNode
	not  bool // it stands in the else
}

// String writes the condition as a template has it.
func (c condition) String() string {
	text := "{{ " + c.word + " " + c.pipe.String() + " }}"
	if c.not {
		return "the else of " + text
	}
	return text
}

// branches are the templates of a chart, parsed.
type branches struct {
	files    []File
	literals []literal
	defines  map[string]*parse.Tree
	defined  map[string]int         // in which file
	settings map[name][]setting     // all that variables are set to, in order
	flips    map[string]bool        // values that conditions ask for, as "sub.ingress.enabled"
	uses     map[string][]condition // under which definitions are taken
}

// parseBranches reads the templates of a chart. What does not parse is left out: it does not render either.
func parseBranches(files []File) *branches {
	b := &branches{files: files, defines: map[string]*parse.Tree{}, defined: map[string]int{}, settings: map[name][]setting{},
		flips: map[string]bool{}, uses: map[string][]condition{}}
	for i, f := range files {
		if !isTemplate(f.Name) || path.Base(f.Name) == "NOTES.txt" ||
			!bytes.Contains(f.Data, []byte("{{")) && strings.HasPrefix(path.Base(f.Name), "_") {
			continue
		}
		trees := map[string]*parse.Tree{}
		t := parse.New(f.Name)
		t.Mode = parse.SkipFuncCheck
		if _, err := t.Parse(string(f.Data), "{{", "}}", trees); err != nil {
			continue
		}
		w := walker{branches: b, file: i, literals: literals(i, f.Data)}
		for _, name := range slices.Sorted(maps.Keys(trees)) {
			tree := trees[name]
			if w.define = name; name == f.Name {
				w.define = ""
			} else {
				b.defines[name], b.defined[name] = tree, i
			}
			if tree.Root != nil {
				w.list(tree.Root, nil)
			}
		}
		b.literals = append(b.literals, w.found...)
	}
	return b
}

// walker goes through one file of templates.
type walker struct {
	*branches
	file     int
	define   string
	literals []literal
	found    []literal
}

func (w *walker) list(l *parse.ListNode, when []condition) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			w.text(n, l.Nodes[i+1:], when)
		case *parse.ActionNode:
			w.declare(n.Pipe, when)
			w.dicts(n.Pipe, when)
			w.take(n.Pipe, when)
		case *parse.TemplateNode:
			w.use(n.Name, when)
		case *parse.IfNode:
			w.branch("if", &n.BranchNode, when)
		case *parse.WithNode:
			w.branch("with", &n.BranchNode, when)
		case *parse.RangeNode:
			w.branch("range", &n.BranchNode, when)
		}
	}
}

// take notes the definitions that a pipeline includes.
func (w *walker) take(p *parse.PipeNode, when []condition) {
	commands(p, func(c *parse.CommandNode) bool {
		if calls(c, "include") && len(c.Args) > 1 {
			if name, ok := c.Args[1].(*parse.StringNode); ok {
				w.use(name.Text, when)
			}
		}
		return true
	})
}

// use notes that a definition is taken. A condition in a template says more than a place in another definition.
func (w *walker) use(definition string, when []condition) {
	known, ok := w.uses[definition]
	if !ok || w.define == "" && len(known) == 0 {
		w.uses[definition] = when
	}
}

func (w *walker) branch(word string, n *parse.BranchNode, when []condition) {
	if word != "range" {
		w.declare(n.Pipe, when)
	}
	w.flip(n.Pipe)
	w.list(n.List, append(slices.Clip(when), condition{word, n.Pipe, false}))
	w.list(n.ElseList, append(slices.Clip(when), condition{word, n.Pipe, true}))
}

// text takes the literals in a text, with what stands behind them where that is computed.
func (w *walker) text(n *parse.TextNode, behind []parse.Node, when []condition) {
	for _, l := range w.literals {
		if int(n.Pos) <= l.at && l.at < int(n.Pos)+len(n.Text) {
			l.when, l.define = when, w.define
			if l.computed {
				l.value = restOfLine(n, l.at-int(n.Pos), behind)
			}
			w.found = append(w.found, l)
		}
	}
}

// restOfLine is what follows an "apiVersion:" at a place of a text, to the end of its line.
func restOfLine(n *parse.TextNode, at int, behind []parse.Node) []parse.Node {
	_, text, _ := bytes.Cut(n.Text[at:], []byte(":"))
	out := []parse.Node{&parse.TextNode{NodeType: parse.NodeText, Text: text}}
	for _, b := range behind {
		t, is := b.(*parse.TextNode)
		if !is {
			out = append(out, b)
			continue
		}
		line, _, ends := bytes.Cut(t.Text, []byte("\n"))
		out = append(out, &parse.TextNode{NodeType: parse.NodeText, Text: line})
		if ends {
			break
		}
	}
	return out
}

// declare notes what a variable is set to.
func (w *walker) declare(p *parse.PipeNode, when []condition) {
	if p == nil || len(p.Decl) != 1 || len(p.Cmds) == 0 {
		return
	}
	in := name{scope{w.file, w.define}, p.Decl[0].Ident[0]}
	w.settings[in] = append(w.settings[in], setting{at: int(p.Pos), pipe: p, when: when})
}

// dicts takes the objects that an action writes as a dict of its own.
func (w *walker) dicts(p *parse.PipeNode, when []condition) {
	commands(p, func(c *parse.CommandNode) bool {
		if !calls(c, "dict") {
			return true
		}
		w.dict(c, when)
		return false
	})
}

// commands visits the commands of a pipeline, and those in the arguments of a command where visit asks for them.
func commands(p *parse.PipeNode, visit func(*parse.CommandNode) bool) {
	for _, c := range p.Cmds {
		if !visit(c) {
			continue
		}
		for _, a := range c.Args {
			if nested, ok := a.(*parse.PipeNode); ok {
				commands(nested, visit)
			}
		}
	}
}

// calls reports whether a command calls a function.
func calls(c *parse.CommandNode, function string) bool {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	return ok && id.Ident == function
}

func (w *walker) dict(n *parse.CommandNode, when []condition) {
	fields := map[string]*parse.StringNode{}
	for i := 1; i+1 < len(n.Args); i += 2 {
		key, is := n.Args[i].(*parse.StringNode)
		if text, ok := n.Args[i+1].(*parse.StringNode); is && ok {
			fields[key.Text] = text
		}
	}
	version, kind := fields["apiVersion"], fields["kind"]
	if version == nil || kind == nil || !versionPattern.MatchString(version.Text) {
		return
	}
	before := w.files[w.file].Data[:version.Pos]
	line, column := bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n')+1
	w.found = append(w.found, literal{file: w.file, line: line, column: column, at: int(version.Pos), apiVersion: version.Text, kind: kind.Text, flow: true, when: when, define: w.define})
}

// flip notes the values that a condition asks for as such.
func (w *walker) flip(n parse.Node) {
	switch n := n.(type) {
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			w.flip(c)
		}
	case *parse.CommandNode:
		if id, ok := n.Args[0].(*parse.IdentifierNode); ok && id.Ident != "and" && id.Ident != "or" && id.Ident != "not" {
			return
		}
		for _, a := range n.Args {
			w.flip(a)
		}
	case *parse.FieldNode:
		w.asked(n.Ident)
	case *parse.VariableNode:
		if len(n.Ident) > 1 && n.Ident[0] == "$" {
			w.asked(n.Ident[1:])
		}
	}
}

// asked notes a value that a condition asks for.
func (w *walker) asked(ident []string) {
	if at := w.valuePath(w.file, ident); at != nil {
		w.flips[strings.Join(at, ".")] = true
	}
}

// valuePath is the path of what a field of a file asks for among all values, with that of the subchart that asks; nil for what is
// no value.
func (b *branches) valuePath(file int, ident []string) []string {
	if len(ident) < 2 || ident[0] != "Values" {
		return nil
	}
	var at []string
	parts := strings.Split(b.files[file].Name, "/")
	for i := 0; i+1 < len(parts) && parts[i] == "charts" && ident[1] != "global"; i += 2 {
		at = append(at, parts[i+1])
	}
	return append(at, ident[1:]...)
}
