// Command gen derives upgrade/apis/lifecycle/builtin.tsv, the catalogue of built-in API versions.
//
// The way through it: modules.txt → go mod download → the sources of k8s.io/api, apiextensions-apiserver and
// kube-aggregator (lifecycle methods and registrations, parsed, never compiled) and the OpenAPI documents of
// k8s.io/kubernetes (what a release really serves) → facts.tsv for the few things that no release says → rows.
// It fails, rather than guesses, when an API is gone and nothing says since when, and when a release has removed configuration
// files of which config.tsv does not know.
package main

import (
	"bytes"
	_ "embed"

	"treadmill/internal/gomodule"
)

//go:embed modules.txt
var modulesText string

//go:embed config_modules.txt
var configModulesText string

//go:embed facts.tsv
var factsText string

func main() { gomodule.Derive(modulesText, "builtin.tsv", derive) }

func derive(modules []gomodule.Module) ([]byte, error) {
	config, err := gomodule.Download(configModulesText)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Path == "k8s.io/kubernetes" && m.Minor >= config[0].Minor {
			config = append(config, m)
		}
	}
	if err := checkConfig(config); err != nil {
		return nil, err
	}
	h, err := read(modules)
	if err != nil {
		return nil, err
	}
	facts, err := parseFacts(factsText)
	if err != nil {
		return nil, err
	}
	rows, err := merge(h, facts)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	write(&b, h, rows)
	return b.Bytes(), nil
}
