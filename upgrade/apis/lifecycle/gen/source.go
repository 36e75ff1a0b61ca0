package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

type gvk struct{ group, version, kind string }

func (g gvk) String() string {
	if g.group == "" {
		return g.version + " " + g.kind
	}
	return g.group + "/" + g.version + " " + g.kind
}

// tags are what the lifecycle methods of one type say; a minor of -1 is not said. Releases are all 1.x.
type tags struct {
	introduced, deprecated, removed int
	replacement                     gvk
	resource                        bool // has a client, so it is not an option, a list or a payload
}

// readPackage returns the types that the Go package in a folder registers with a scheme.
// Folders that register nothing under a fixed group and version (internal types) give none.
func readPackage(dir string) (map[gvk]tags, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := pkg{types: map[string]tags{}, consts: map[string]string{}}
	for _, name := range files {
		switch base := filepath.Base(name); {
		case base == "register.go", base == "zz_generated.prerelease-lifecycle.go", base == "lifecycle.go",
			base == "types.go", strings.HasPrefix(base, "types_") && !strings.HasSuffix(base, "_test.go"):
			if err := p.file(name); err != nil {
				return nil, err
			}
		}
	}
	all := map[gvk]tags{}
	if p.version == "" || p.version == "__internal" {
		return all, nil
	}
	for _, kind := range p.registered {
		all[gvk{p.group, p.version, kind}] = p.get(kind)
	}
	return all, nil
}

// pkg is what the files of one package said.
type pkg struct {
	group, version string
	consts         map[string]string
	registered     []string
	types          map[string]tags
}

func (p *pkg) get(kind string) tags {
	if t, ok := p.types[kind]; ok {
		return t
	}
	return tags{introduced: -1, deprecated: -1, removed: -1}
}

func (p *pkg) file(name string) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			p.declaration(f, d)
		case *ast.FuncDecl:
			if err := p.function(d); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// declaration reads the constants, the scheme's group and version, and which types have clients.
func (p *pkg) declaration(f *ast.File, d *ast.GenDecl) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.ValueSpec:
			for i, v := range s.Values {
				p.value(s.Names[i].Name, v)
			}
		case *ast.TypeSpec:
			if hasClient(f, d) {
				t := p.get(s.Name.Name)
				t.resource = true
				p.types[s.Name.Name] = t
			}
		}
	}
}

// hasClient looks for the +genclient tag above a type: in its comment, or in a comment of its own just before that.
func hasClient(f *ast.File, d *ast.GenDecl) bool {
	top := d.Pos()
	if d.Doc != nil {
		top = d.Doc.Pos()
	}
	for _, c := range f.Comments {
		if c != d.Doc && (c.End() > top || top-c.End() > 3) {
			continue
		}
		for _, line := range c.List {
			if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(line.Text, "//")), "+genclient") {
				return true
			}
		}
	}
	return false
}

func (p *pkg) value(name string, v ast.Expr) {
	switch v := v.(type) {
	case *ast.BasicLit:
		if v.Kind == token.STRING {
			p.consts[name], _ = strconv.Unquote(v.Value)
		}
	case *ast.CompositeLit:
		if name == "SchemeGroupVersion" {
			f := p.fields(v)
			p.group, p.version = f["Group"], f["Version"]
		}
	}
}

// fields returns the texts of a composite literal such as schema.GroupVersion{Group: GroupName, Version: "v1"}.
func (p *pkg) fields(c *ast.CompositeLit) map[string]string {
	m := map[string]string{}
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch v := kv.Value.(type) {
		case *ast.BasicLit:
			m[kv.Key.(*ast.Ident).Name], _ = strconv.Unquote(v.Value)
		case *ast.Ident:
			m[kv.Key.(*ast.Ident).Name] = p.consts[v.Name]
		case *ast.SelectorExpr:
			if v.Sel.Name == "APIVersionInternal" {
				m[kv.Key.(*ast.Ident).Name] = "__internal"
			}
		}
	}
	return m
}

// function reads the registrations and the lifecycle methods.
func (p *pkg) function(d *ast.FuncDecl) error {
	if d.Recv == nil {
		ast.Inspect(d, p.registration)
		return nil
	}
	what, ok := strings.CutPrefix(d.Name.Name, "APILifecycle")
	if !ok {
		return nil
	}
	kind := d.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
	r, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return fmt.Errorf("%s of %s does not just return", d.Name.Name, kind)
	}
	t := p.get(kind)
	defer func() { p.types[kind] = t }()
	if what == "Replacement" {
		f := p.fields(r.Results[0].(*ast.CompositeLit))
		t.replacement = gvk{f["Group"], f["Version"], f["Kind"]}
		return nil
	}
	major, minor := r.Results[0].(*ast.BasicLit).Value, r.Results[1].(*ast.BasicLit).Value
	n, err := strconv.Atoi(minor)
	if err != nil || major != "1" {
		return fmt.Errorf("%s of %s: %s.%s is not a version 1.x", d.Name.Name, kind, major, minor)
	}
	switch what {
	case "Introduced":
		t.introduced = n
	case "Deprecated":
		t.deprecated = n
	case "Removed":
		t.removed = n
	}
	return nil
}

// registration reads scheme.AddKnownTypes(SchemeGroupVersion, &Deployment{}, …).
func (p *pkg) registration(n ast.Node) bool {
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return true
	}
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "AddKnownTypes" {
		return true
	}
	for _, a := range c.Args {
		if u, ok := a.(*ast.UnaryExpr); ok {
			if lit, ok := u.X.(*ast.CompositeLit); ok {
				if id, ok := lit.Type.(*ast.Ident); ok {
					p.registered = append(p.registered, id.Name)
				}
			}
		}
	}
	return true
}
