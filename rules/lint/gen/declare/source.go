// Package declare reads what Go sources declare without compiling them: the packages of some modules, and the values of constant
// expressions in them, across packages. The generators of lint's tables use it.
package declare

import (
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

// Source is the Go code of some modules, and the packages of them that were parsed.
type Source struct {
	modules  []gomodule.Module
	packages map[string]*Package // by folder
	file     *ast.File           // where names of a function are known
	local    map[string]value
}

// New is the source of modules.
func New(modules ...gomodule.Module) *Source {
	return &Source{modules: modules, packages: map[string]*Package{}}
}

// Package is one parsed folder. Its constants and variables are known by name, whatever file they stand in.
type Package struct {
	Files  []*ast.File
	values map[string]value
	whole  map[string]bool // the names that stand outside of functions
}

type value struct {
	expr ast.Expr
	file *ast.File
}

// Folders are the folders of a module with a file of whose text the function says that it can declare something. Tests, and what is
// vendored, are left aside.
func Folders(m gomodule.Module, declares func(text []byte) bool) ([]string, error) {
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

// Load parses a folder, once.
func (s *Source) Load(dir string) (*Package, error) {
	if p, ok := s.packages[dir]; ok {
		return p, nil
	}
	p := &Package{values: map[string]value{}, whole: map[string]bool{}}
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
		p.Files = append(p.Files, f)
		p.outside(f)
		ast.Inspect(f, func(n ast.Node) bool { p.note(f, n); return true })
	}
	return p, nil
}

// note keeps what a name stands for; of two variables of one name in two functions the first is kept.
func (p *Package) note(f *ast.File, n ast.Node) {
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

// outside notes the names that stand outside of functions.
func (p *Package) outside(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range v.Names {
					p.whole[name.Name] = true
				}
			}
		}
	}
}

// Enter makes the names that a function defines known in its file, and beside them only those outside of functions; a name that it defines
// twice is not known at all. Of nil only the latter are known.
func (s *Source) Enter(f *ast.File, fn *ast.FuncDecl) {
	s.file, s.local = f, map[string]value{}
	if fn == nil {
		return
	}
	p := &Package{values: map[string]value{}}
	twice := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		one := &Package{values: map[string]value{}}
		one.note(f, n)
		for name, v := range one.values {
			_, before := p.values[name]
			twice[name] = twice[name] || before
			p.values[name] = v
		}
		return true
	})
	for name, v := range p.values {
		if twice[name] {
			v.expr = nil
		}
		s.local[name] = v
	}
}

func (p *Package) keep(name string, v value) {
	if _, ok := p.values[name]; !ok {
		p.values[name] = v
	}
}

// find returns what an identifier, or one of another package such as metrics.Subsystem, stands for.
func (s *Source) find(p *Package, f *ast.File, e ast.Expr) (*Package, value, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		if v, ok := s.local[e.Name]; ok && f == s.file {
			return p, v, v.expr != nil
		}
		v, ok := p.values[e.Name]
		return p, v, ok && (f != s.file || p.whole[e.Name])
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok {
			return nil, value{}, false
		}
		dir := s.imported(f, id.Name)
		if dir == "" {
			return nil, value{}, false
		}
		q, err := s.Load(dir)
		if err != nil {
			return nil, value{}, false
		}
		v, ok := q.values[e.Sel.Name]
		return q, v, ok
	}
	return nil, value{}, false
}

// imported returns the folder of the package that a file imports under a name, "" when it is of none of the modules.
func (s *Source) imported(f *ast.File, name string) string {
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
