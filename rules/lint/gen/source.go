package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
)

// source is the Go code of one minor: its modules, and the packages of them that were parsed.
type source struct {
	modules  []gomodule.Module
	packages map[string]*pkg // by folder
}

// pkg is one parsed folder. values are its constants and variables by name, whatever file they stand in.
type pkg struct {
	files  []*ast.File
	values map[string]value
}

type value struct {
	expr ast.Expr
	file *ast.File
}

// declares says whether a file can declare metrics.
func declares(text []byte) bool {
	return bytes.Contains(text, []byte(`"k8s.io/component-base/metrics"`)) || bytes.Contains(text, []byte("package metrics"))
}

// folders returns every folder of a module with a file that can declare metrics.
func folders(m gomodule.Module) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "vendor" || name == "third_party" || name == "test"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		dir := filepath.Dir(path)
		if len(dirs) > 0 && dirs[len(dirs)-1] == dir {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && declares(text) {
			dirs = append(dirs, dir)
		}
		return err
	})
	return dirs, err
}

// load parses a folder, once.
func (s *source) load(dir string) (*pkg, error) {
	if p, ok := s.packages[dir]; ok {
		return p, nil
	}
	p := &pkg{values: map[string]value{}}
	s.packages[dir] = p
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, f)
		ast.Inspect(f, func(n ast.Node) bool { p.note(f, n); return true })
	}
	return p, nil
}

// note keeps what a name stands for; of two variables of one name in two functions the first is kept.
func (p *pkg) note(f *ast.File, n ast.Node) {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				p.keep(name.Name, value{n.Values[i], f})
			}
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE && len(n.Lhs) == len(n.Rhs) {
			for i, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok {
					p.keep(id.Name, value{n.Rhs[i], f})
				}
			}
		}
	}
}

func (p *pkg) keep(name string, v value) {
	if _, ok := p.values[name]; !ok {
		p.values[name] = v
	}
}

// find returns what an identifier, or one of another package such as metrics.Subsystem, stands for.
func (s *source) find(p *pkg, f *ast.File, e ast.Expr) (*pkg, value, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := p.values[e.Name]
		return p, v, ok
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok {
			return nil, value{}, false
		}
		dir := s.imported(f, id.Name)
		if dir == "" {
			return nil, value{}, false
		}
		q, err := s.load(dir)
		if err != nil {
			return nil, value{}, false
		}
		v, ok := q.values[e.Sel.Name]
		return q, v, ok
	}
	return nil, value{}, false
}

// imported returns the folder of the package that a file imports under a name, "" when it is of none of the modules.
func (s *source) imported(f *ast.File, name string) string {
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		if i.Name != nil && i.Name.Name != name || i.Name == nil && filepath.Base(path) != name {
			continue
		}
		for _, m := range s.modules {
			if rest, ok := strings.CutPrefix(path, m.Path+"/"); ok {
				return filepath.Join(m.Dir, filepath.FromSlash(rest))
			}
		}
	}
	return ""
}
