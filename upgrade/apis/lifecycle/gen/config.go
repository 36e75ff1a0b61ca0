package main

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/gomodule"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

// checkConfig compares config.tsv, which is written by hand, with the packages of configuration files that the releases have: one
// that an older release has and a newer one has not must have rows, of its version and of that release.
func checkConfig(modules []gomodule.Module) error {
	table, err := lifecycle.LoadConfig()
	if err != nil {
		return err
	}
	last := map[string]int{} // by package, such as pkg/scheduler/apis/config/v1beta3: the last minor that has it
	newest := map[string]int{}
	for _, m := range modules {
		packages, err := configPackages(m)
		if err != nil {
			return err
		}
		newest[m.Path] = max(newest[m.Path], m.Minor)
		for _, p := range packages {
			key := m.Path + " " + p
			last[key] = max(last[key], m.Minor)
		}
	}
	var open []string
	for key, minor := range last {
		module, dir, _ := strings.Cut(key, " ")
		gone := upgrade.V1(minor + 1)
		if minor == newest[module] || slices.ContainsFunc(table.APIs, func(a lifecycle.API) bool {
			return a.Version == path.Base(dir) && a.Removed == gone
		}) {
			continue
		}
		open = append(open, fmt.Sprintf("%s is gone in %s", dir, gone))
	}
	if slices.Sort(open); len(open) > 0 {
		return fmt.Errorf("config.tsv has no row for what releases have removed:\n%s", strings.Join(open, "\n"))
	}
	return nil
}

// configPackages lists the versioned packages of a release in which configuration files are defined.
func configPackages(m gomodule.Module) ([]string, error) {
	kept := regexp.MustCompile(`(config|kubeadm|audit|apiserver|webhookadmission|resourcequota|policyconfig)/v[0-9]+((alpha|beta)[0-9]+)?$`)
	var out []string
	err := filepath.WalkDir(m.Dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "register.go" {
			return err
		}
		dir, err := filepath.Rel(m.Dir, filepath.Dir(name))
		if dir = filepath.ToSlash(dir); err == nil && kept.MatchString(dir) && dir != "pkg/apis/config/v1" { // which moved
			out = append(out, dir)
		}
		return err
	})
	return out, err
}
