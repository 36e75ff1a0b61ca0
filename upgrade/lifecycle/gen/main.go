// Command gen derives upgrade/lifecycle/builtin.tsv, the catalogue of built-in API versions.
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
	"flag"
	"fmt"
	"os"

	"treadmill/internal/gomodule"
)

//go:embed modules.txt
var modulesText string

//go:embed config_modules.txt
var configModulesText string

//go:embed facts.tsv
var factsText string

func main() {
	out := flag.String("out", "builtin.tsv", "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	modules, err := gomodule.Download(modulesText)
	if err != nil {
		return err
	}
	config, err := gomodule.Download(configModulesText)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if m.Path == "k8s.io/kubernetes" && m.Minor >= config[0].Minor {
			config = append(config, m)
		}
	}
	if err := checkConfig(config); err != nil {
		return err
	}
	h, err := read(modules)
	if err != nil {
		return err
	}
	facts, err := parseFacts(factsText)
	if err != nil {
		return err
	}
	rows, err := merge(h, facts)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	write(&b, h, rows)
	return os.WriteFile(out, b.Bytes(), 0o644)
}
