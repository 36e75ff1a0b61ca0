// Licences lists the modules that a binary is built of, with the licence of each: licences -binary FILE -page FILE -notice FILE -texts
// FILE. It runs at the top of the repository. A licence that it does not know ends it: somebody has to read that one.
package main

import (
	"debug/buildinfo"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is one that the binary is built of.
type module struct{ path, version, licence, text, notice string }

// known are licences by texts that they have and others do not.
var known = []struct {
	name  string
	words []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MPL-2.0", []string{"Mozilla Public License", "2.0"}},
	{"BSD-3-Clause", []string{"Redistributions of source code must retain", "name of"}},
	{"BSD-2-Clause", []string{"Redistributions of source code must retain"}},
	{"MIT", []string{"Permission is hereby granted, free of charge, to any person obtaining a copy"}},
	{"ISC", []string{"Permission to use, copy, modify, and", "distribute this software for any purpose"}},
	{"Unlicense", []string{"This is free and unencumbered software released into the public domain"}},
}

func main() {
	binary := flag.String("binary", "", "the program")
	page := flag.String("page", "", "the list, as Markdown")
	notice := flag.String("notice", "", "the notices that licences ask to be passed on")
	texts := flag.String("texts", "", "all licences, whole")
	flag.Parse()
	modules, err := read(*binary)
	if err == nil {
		err = write(modules, *page, *notice, *texts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func read(binary string) ([]module, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var out []module
	for _, dep := range info.Deps {
		m := module{path: dep.Path, version: dep.Version}
		found, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", dep.Path).Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dep.Path, err)
		}
		dir := strings.TrimSpace(string(found))
		m.text = first(dir, "LICENSE*", "LICENCE*", "License*", "license*", "COPYING*", "UNLICENSE*")
		m.notice = first(dir, "NOTICE*")
		for _, k := range known {
			switch {
			case !all(m.text, k.words) || k.name == "BSD-2-Clause" && strings.Contains(m.licence, "BSD"):
			case m.licence == "":
				m.licence = k.name
			default:
				m.licence += " AND " + k.name // parts of it have another
			}
		}
		if m.licence == "" {
			return nil, fmt.Errorf("the licence of %s is not known; look into %s", dep.Path, dir)
		}
		out = append(out, m)
	}
	return out, nil
}

// first is the text of the first file of a folder that has one of some names.
func first(dir string, patterns ...string) string {
	for _, p := range patterns {
		names, _ := filepath.Glob(filepath.Join(dir, p))
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil {
				return string(text)
			}
		}
	}
	return ""
}

func all(text string, words []string) bool {
	text = strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func write(modules []module, page, notice, texts string) error {
	var list, notices, whole strings.Builder
	list.WriteString(
		"# Licences\n\nWhat the program is built of, besides Go itself (BSD-3-Clause). `make licences` writes this list from the program; a test holds it to that.\n" +
			"Archives of a release hold all texts, and [NOTICE](../NOTICE) what is to be passed on.\n\n| module | version | licence |\n| --- | --- | --- |\n",
	)
	notices.WriteString(
		"Treadmill\nCopyright the Treadmill authors\n\nLicensed under the Apache License, Version 2.0; see LICENSE. It includes software of others, listed in docs/licences.md,\nof which these ask for their notices to be passed on:\n",
	)
	for _, m := range modules {
		fmt.Fprintf(&list, "| %s | %s | %s |\n", m.path, m.version, m.licence)
		fmt.Fprintf(&whole, "%s %s (%s)\n\n%s\n\n%s\n", m.path, m.version, m.licence, strings.TrimSpace(m.text), strings.Repeat("-", 80))
		if m.notice != "" {
			fmt.Fprintf(&notices, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 80), m.path, clean(m.notice))
		}
	}
	for file, text := range map[string]string{page: list.String(), notice: notices.String(), texts: whole.String()} {
		if file == "" {
			continue
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// clean is a text without blanks at the ends of lines.
func clean(text string) string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.Join(lines, "\n")
}
