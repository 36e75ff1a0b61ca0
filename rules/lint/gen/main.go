// Command gen derives rules/lint/kubernetes.tsv, the metrics that the components of Kubernetes define.
//
// The way through it: modules.txt → the sources of k8s.io/kubernetes and of the modules split from it, one set a minor →
// every metric that is declared with component-base/metrics (parsed, never compiled) → rows of the minors in which a
// metric was the same; and the series of the cAdvisor that each kubelet has in it (cadvisor.go). It reads declarations: names that
// are made at run time are not in it, and it says which declarations it could not read.
package main

import (
	"bytes"
	_ "embed"

	"treadmill/internal/gomodule"
)

//go:embed modules.txt
var modulesText string

func main() { gomodule.Derive(modulesText, "kubernetes.tsv", derive) }

func derive(releases []gomodule.Module) ([]byte, error) {
	byMinor := map[int][]gomodule.Module{}
	for _, m := range releases {
		byMinor[m.Minor] = append(byMinor[m.Minor], m)
	}
	h := history{}
	for minor, set := range byMinor {
		if err := h.read(minor, set); err != nil {
			return nil, err
		}
	}
	if err := h.cadvisor(releases); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	h.write(&b, "date\t"+gomodule.ReadOn(modulesText)+"\n"+gomodule.Preview(releases))
	return b.Bytes(), nil
}
