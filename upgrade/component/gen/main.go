// Command gen derives upgrade/component/flags.tsv: which flags the components of Kubernetes have, by minor.
//
// The way through it: modules.txt → the folders in which a component and the libraries under it declare their options, one set a minor →
// every flag that is declared with a name as text (parsed, never compiled) → rows of the minors in which a component had the flag. A
// folder that several components share counts for each of them, so a flag may stand for a component that does not show it; none that a
// component has is missing for that, and a flag counts as gone only when no folder of the component has it any more.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
)

//go:embed modules.txt
var modulesText string

func main() { gomodule.Derive(modulesText, "flags.tsv", derive) }

// folders are where the options of a component are, as MODULE FOLDER or MODULE FILE; those that a release does not have are passed over.
// What comes after "if" must stand in the component's own options, which come first.
func folders() map[string][]string {
	shared := []string{"apiserver pkg/server/options", "apiserver pkg/server/options/encryptionconfig", "apiserver pkg/util/compatibility",
		"component-base logs", "component-base logs/api/v1", "component-base metrics", "component-base featuregate", "component-base tracing",
		"component-base config/options", "component-base compatibility", "component-base version", "component-base version/verflag",
		"component-base cli/flag", "component-base cli/globalflag",
		"component-base zpages/features"}
	with := func(own ...string) []string { return append(own, shared...) }
	return map[string][]string{
		"kubelet": {"kubernetes cmd/kubelet/app/options", "component-base logs", "component-base logs/api/v1", "component-base version/verflag",
			"component-base featuregate/feature_gate.go", "kubernetes pkg/kubelet/config"},
		"kube-apiserver": with("kubernetes cmd/kube-apiserver/app/options", "kubernetes pkg/kubeapiserver/options",
			"kubernetes pkg/controlplane/apiserver/options",
			"kubernetes pkg/serviceaccount", "kubernetes plugin/pkg/admission/defaulttolerationseconds"),
		"kube-controller-manager": with("kubernetes cmd/kube-controller-manager/app/options", "controller-manager options",
			"controller-manager pkg/leadermigration/options", "kubernetes pkg/controller/volume/persistentvolume/options",
			"cloud-provider options/kubecloudshared.go", "cloud-provider options/cloudprovider.go",
			"cloud-provider options/servicecontroller.go if ServiceController"),
		"kube-scheduler": with("kubernetes cmd/kube-scheduler/app/options"),
		"kube-proxy": {"kubernetes cmd/kube-proxy/app", "component-base logs", "component-base logs/api/v1",
			"component-base version/verflag", "component-base featuregate/feature_gate.go", "component-base metrics"},
	}
}

// flags are what a minor has: by component and name, and what its source says of the flag's end; "" for one that stays.
type flags map[string]map[string]string

func derive(modules []gomodule.Module) ([]byte, error) {
	byMinor := map[int]flags{}
	dirs := map[int]map[string]string{}
	for _, m := range modules {
		if dirs[m.Minor] == nil {
			dirs[m.Minor] = map[string]string{}
		}
		dirs[m.Minor][strings.TrimPrefix(m.Path, "k8s.io/")] = m.Dir
	}
	for minor, modules := range dirs {
		found := flags{}
		for component, places := range folders() {
			found[component] = map[string]string{}
			for _, place := range places {
				place, word, _ := strings.Cut(place, " if ")
				module, folder, _ := strings.Cut(place, " ")
				if word != "" && !mentions(filepath.Join(modules["kubernetes"], "cmd", component, "app", "options", "options.go"), word) {
					continue
				}
				if err := read(filepath.Join(modules[module], filepath.FromSlash(folder)), found[component]); err != nil {
					return nil, err
				}
			}
			if n := len(found[component]); n < 30 {
				return nil, fmt.Errorf("%s of 1.%d has %d flags: they are declared somewhere else now", component, minor, n)
			}
		}
		plugins, err := admission(modules)
		if err != nil {
			return nil, fmt.Errorf("admission plugins of 1.%d: %w", minor, err)
		}
		for _, name := range plugins {
			found["kube-apiserver"]["enable-admission-plugins="+name] = ""
		}
		byMinor[minor] = found
	}
	var b bytes.Buffer
	write(&b, byMinor, "date\t"+gomodule.ReadOn(modulesText)+"\n"+gomodule.Preview(modules))
	return b.Bytes(), nil
}

// admission are the plugins in AllOrderedPlugins of a kube-apiserver: constants of the packages that its file imports.
func admission(modules map[string]string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(modules["kubernetes"], "pkg", "kubeapiserver", "options", "plugins.go"), nil,
		parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	folders := map[string]string{} // by the name under which the file knows a package
	for _, i := range f.Imports {
		text, _ := literal(i.Path)
		module, folder, _ := strings.Cut(strings.TrimPrefix(text, "k8s.io/"), "/")
		name := text[strings.LastIndex(text, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		if modules[module] != "" {
			folders[name] = filepath.Join(modules[module], filepath.FromSlash(folder))
		}
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != "AllOrderedPlugins" || len(v.Values) != 1 {
			return true
		}
		list, _ := v.Values[0].(*ast.CompositeLit)
		if list == nil {
			return false
		}
		for _, e := range list.Elts {
			name, nameErr := plugin(e, folders)
			out, err = append(out, name), errors.Join(err, nameErr)
		}
		return false
	})
	if err == nil && len(out) < 30 {
		err = fmt.Errorf("%d of them: they are listed somewhere else now", len(out))
	}
	return out, err
}

// plugin is the text of a constant of one of the packages in folders.
func plugin(e ast.Expr, folders map[string]string) (string, error) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", fmt.Errorf("%T in AllOrderedPlugins", e)
	}
	id, _ := s.X.(*ast.Ident)
	if id == nil || folders[id.Name] == "" {
		return "", fmt.Errorf("no package for %s", s.Sel.Name)
	}
	names, err := filepath.Glob(filepath.Join(folders[id.Name], "*.go"))
	if err != nil {
		return "", err
	}
	constants := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		ast.Inspect(f, func(n ast.Node) bool { note(n, constants); return true })
	}
	if constants[s.Sel.Name] == "" {
		return "", fmt.Errorf("%s has no text %s", id.Name, s.Sel.Name)
	}
	return constants[s.Sel.Name], nil
}

func mentions(file, word string) bool {
	text, err := os.ReadFile(file)
	return err == nil && bytes.Contains(text, []byte(word))
}

// read adds the flags that a file, or the files of a folder, declare.
func read(place string, into map[string]string) error {
	names, err := filepath.Glob(filepath.Join(place, "*.go"))
	if strings.HasSuffix(place, ".go") {
		names, err = filepath.Glob(place)
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "deprecated_insecure_serving.go" { // which no component has since 1.24
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		constants := map[string]string{}
		ast.Inspect(f, func(n ast.Node) bool { note(n, constants); return true })
		ast.Inspect(f, func(n ast.Node) bool { declare(n, constants, into); return true })
	}
	return nil
}

// note keeps the constants of a file: some flags are declared by one.
func note(n ast.Node, constants map[string]string) {
	v, ok := n.(*ast.ValueSpec)
	if !ok {
		return
	}
	for i, name := range v.Names {
		if i < len(v.Values) {
			if text, ok := literal(v.Values[i]); ok {
				constants[name.Name] = text
			}
		}
	}
}

var (
	declaring = regexp.MustCompile(`^(Bool|String|StringSlice|StringArray|StringToString|Int|Int32|Int64|Uint|Uint16|Uint32|Float32|Float64|Duration|DurationSlice|IP|IPSlice|IPNet|IntSlice|Var|Func|register|registerDeprecated|AddFlagSet)?(Var)?(P|PF)?$`)
	flagForm  = regexp.MustCompile(`^[a-z][a-z0-9_]*([-_.][a-z0-9]+)*$`)
)

// declare reads fs.StringVar(&o.Name, "name", …), fs.Var(value, "name", …), register(global, local, "name"), and MarkDeprecated("name",
// "why").
func declare(n ast.Node, constants, into map[string]string) {
	c, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	name := called(c)
	value := func(i int) (string, bool) { return textOf(c.Args, i, constants) }
	switch {
	case name == "MarkDeprecated":
		if flag, ok := value(0); ok {
			into[normal(flag)] = "deprecated"
		}
	case name == "registerDeprecated":
		if flag, ok := value(2); ok {
			into[normal(flag)] = "deprecated"
		}
	case name == "register" || name == "pflagRegister":
		flag, ok := value(2)
		if s, constant := selector(c.Args, 2); !ok && constant { // cadvisorflags.HousekeepingInterval
			flag, ok = capitals.ReplaceAllString(s, "-$1"), true
			flag = strings.ToLower(strings.TrimPrefix(flag, "-"))
		}
		if ok {
			into[normal(flag)] += ""
		}
	case name == "" || !declaring.MatchString(name):
	default:
		for i := range min(2, len(c.Args)) {
			if flag, ok := value(i); ok && flagForm.MatchString(flag) && len(c.Args) >= 3 {
				into[normal(flag)] += ""
				return
			}
		}
		if form, ok := audited(c.Args); ok {
			into[fmt.Sprintf(form, "log")] += ""
			into[fmt.Sprintf(form, "webhook")] += ""
		}
	}
}

// audited is the form of the name of a flag that each kind of an audit log has: fmt.Sprintf("audit-%s-mode", kind).
func audited(args []ast.Expr) (form string, ok bool) {
	if len(args) < 3 {
		return "", false
	}
	c, ok := args[1].(*ast.CallExpr)
	if !ok || called(c) != "Sprintf" || len(c.Args) != 2 {
		return "", false
	}
	form, ok = literal(c.Args[0])
	return form, ok && strings.HasPrefix(form, "audit-%s-")
}

// textOf is the text of an argument that is a literal or a constant.
func textOf(args []ast.Expr, i int, constants map[string]string) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	if text, ok := literal(args[i]); ok {
		return text, true
	}
	if id, ok := args[i].(*ast.Ident); ok {
		text, ok := constants[id.Name]
		return text, ok
	}
	return "", false
}

var capitals = regexp.MustCompile(`([A-Z])`)

// selector is the name of a constant of another package.
func selector(args []ast.Expr, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	s, ok := args[i].(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	return s.Sel.Name, true
}

// normal is a flag as command lines show it: the components take _ for -.
func normal(flag string) string { return strings.ReplaceAll(flag, "_", "-") }

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(b.Value)
	return text, err == nil
}

func write(b *bytes.Buffer, byMinor map[int]flags, stamp string) {
	fmt.Fprint(b, "# Code generated by upgrade/component/gen; DO NOT EDIT.\n",
		"# The flags of the components of Kubernetes, by minor; derived from the modules of gen/modules.txt. state: deprecated, or - .\n",
		"# A name with a value is an admission plugin: AllOrderedPlugins of pkg/kubeapiserver/options/plugins.go.\n",
		stamp, "component\tflag\tfrom\tto\tstate\n")
	for _, component := range slices.Sorted(maps.Keys(folders())) {
		names := map[string]bool{}
		for _, f := range byMinor {
			for name := range f[component] {
				names[name] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			runs(b, byMinor, component, name)
		}
	}
}

// runs writes a row for each run of minors in which a component has a flag in one state.
func runs(b *bytes.Buffer, byMinor map[int]flags, component, name string) {
	minors := slices.Sorted(maps.Keys(byMinor))
	for i := 0; i < len(minors); {
		state, has := byMinor[minors[i]][component][name]
		j := i + 1
		for j < len(minors) && minors[j] == minors[j-1]+1 {
			s, h := byMinor[minors[j]][component][name]
			if h != has || s != state {
				break
			}
			j++
		}
		if has {
			if state == "" {
				state = "-"
			}
			fmt.Fprintf(b, "%s\t%s\t1.%d\t1.%d\t%s\n", component, name, minors[i], minors[j-1], state)
		}
		i = j
	}
}
