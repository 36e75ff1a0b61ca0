package main

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
	"treadmill/rules/lint/gen/declare"
)

//go:embed cadvisor.txt
var cadvisorText string

// cadvisorStability marks the series that a kubelet has from the cAdvisor in it: nothing says how stable they are.
const cadvisorStability = "CADVISOR"

// application stands for the metrics that containers define themselves: only the beginning of their names is fixed.
const application = "container_application_*"

// cadvisor adds the series that the kubelets of each minor show on /metrics/cadvisor: those that the release of cAdvisor in go.mod makes
// for the sets of metrics that the kubelet switches on.
func (h history) cadvisor(releases []gomodule.Module) error {
	known, err := gomodule.Download(cadvisorText)
	if err != nil {
		return err
	}
	for _, m := range releases {
		if m.Path != "k8s.io/kubernetes" {
			continue
		}
		required, err := requiredCadvisor(m)
		if err != nil {
			return err
		}
		found := false
		for _, c := range known {
			if c.String() == required {
				found = true
				if err := h.kubelet(m, c); err != nil {
					return err
				}
				break
			}
		}
		if !found {
			return fmt.Errorf("%s wants %s, which cadvisor.txt does not have", m, required)
		}
	}
	return nil
}

var requirement = regexp.MustCompile(`(?m)^\s*(github\.com/google/cadvisor(?:/lib)?) (v\S+)`)

func requiredCadvisor(m gomodule.Module) (string, error) {
	text, err := os.ReadFile(filepath.Join(m.Dir, "go.mod"))
	if err != nil {
		return "", err
	}
	found := requirement.FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s: go.mod does not require cAdvisor", m)
	}
	return string(found[1]) + "@" + string(found[2]), nil
}

var switchedOn = regexp.MustCompile(`cadvisormetrics\.(\w+Metrics)\b`)

// kubelet adds what the kubelet of one release shows with one release of cAdvisor.
func (h history) kubelet(kubernetes, cadvisor gomodule.Module) error {
	server, err := os.ReadFile(filepath.Join(kubernetes.Dir, "pkg", "kubelet", "server", "server.go"))
	if err != nil {
		return err
	}
	on := map[string]bool{"": true}
	for _, set := range switchedOn.FindAllSubmatch(server, -1) {
		on[string(set[1])] = true
	}
	n := 0
	for _, name := range []string{"prometheus.go", "prometheus_machine.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(cadvisor.Dir, "metrics", name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for name, m := range exported(f, on) {
			if n++; h[name][kubernetes.Minor].stability == "" { // some names are those of the kubelet's own /metrics/resource, which says more
				h.note(name, kubernetes.Minor, m)
			}
		}
	}
	if n < 40 || len(on) < 8 {
		return fmt.Errorf("%s has %d series in %d sets: they are made in another way now", cadvisor, n, len(on))
	}
	if cadvisor.Path == "github.com/google/cadvisor" { // its library has no collector of such metrics (CHANGELOG-1.37, kubernetes/kubernetes#139870)
		h.note(application, kubernetes.Minor, metric{kind: "-", stability: cadvisorStability})
	}
	return nil
}

// exported are the series that a file of cAdvisor declares, without those of sets that are off.
func exported(f *ast.File, on map[string]bool) map[string]metric {
	out := map[string]metric{}
	var walk func(n ast.Node, shown bool)
	walk = func(n ast.Node, shown bool) {
		ast.Inspect(n, func(c ast.Node) bool {
			switch c := c.(type) {
			case *ast.IfStmt:
				if set := hasSet(c.Cond); set != "" && c != n {
					walk(c, shown && on[set])
					return false
				}
			case *ast.CompositeLit:
				if name, kind := series(c); name != "" && shown {
					out[name] = metric{kind: kind, stability: cadvisorStability}
				}
			case *ast.CallExpr:
				if name, ok := literal(c.Args, 0); declare.Called(c) == "NewDesc" && ok && shown {
					out[name] = metric{kind: "gauge", stability: cadvisorStability}
				}
			}
			return true
		})
	}
	walk(f, true)
	return out
}

// hasSet is the set in a condition such as includedMetrics.Has(container.CpuUsageMetrics).
func hasSet(e ast.Expr) string {
	c, ok := e.(*ast.CallExpr)
	if !ok || declare.Called(c) != "Has" || len(c.Args) != 1 {
		return ""
	}
	if s, ok := c.Args[0].(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}

// series is the name and the type of a containerMetric or machineMetric.
func series(lit *ast.CompositeLit) (name, kind string) {
	e := declare.Field(lit, "name")
	if e == nil || declare.Field(lit, "valueType") == nil {
		return "", ""
	}
	name, _ = literal([]ast.Expr{e}, 0)
	if s, ok := declare.Field(lit, "valueType").(*ast.SelectorExpr); ok {
		kind = strings.ToLower(strings.TrimSuffix(s.Sel.Name, "Value"))
	}
	return name, kind
}

func literal(list []ast.Expr, i int) (string, bool) {
	if i >= len(list) {
		return "", false
	}
	b, ok := list[i].(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(b.Value)
	return text, err == nil
}
