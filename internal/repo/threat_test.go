package repo_test

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each promise of the threat model names tests, and those are there.
func TestPromisesNameTheirTests(t *testing.T) {
	page := read(t, filepath.Join(root(t), "docs", "threat-model.md"))
	known := map[string]bool{}
	list := execute(t, root(t), nil, "git", "ls-files", "--cached", "--others", "--exclude-standard", "*_test.go")
	for file := range strings.FieldsSeq(list.stdout) {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(read(t, filepath.Join(root(t), file)), -1) {
			known[m[1]] = true
		}
	}
	promises := 0
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 || strings.Contains(line, "---") || strings.TrimSpace(cells[1]) == "kept by" {
			continue
		}
		promises++
		names := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1)
		if len(names) == 0 {
			t.Errorf("nothing keeps the promise: %s", cells[0])
		}
		for _, m := range names {
			_, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(m[1])))
			if isPath := strings.Contains(m[1], "/"); isPath && err != nil || !isPath && !known[m[1]] {
				t.Errorf("there is no test %s, which is to keep the promise: %s", m[1], cells[0])
			}
		}
	}
	if promises < 20 {
		t.Errorf("there are %d promises", promises)
	}
}

// A release is built a second time, in another folder, and compared byte for byte.
func TestReleaseScriptBuildsTwice(t *testing.T) {
	script := read(t, filepath.Join(root(t), "internal", "tools", "release-check.sh"))
	for _, want := range []string{"git clone", `cmp "$again/treadmill"`, "cdx.json", "sha256sum --quiet --check"} {
		if !strings.Contains(script, want) {
			t.Errorf("release-check.sh has no %q", want)
		}
	}
}

// The list of licences is of the modules that the program is built of.
func TestLicencesAreThoseOfTheProgram(t *testing.T) {
	info, err := buildinfo.ReadFile(treadmill(t))
	if err != nil {
		t.Fatal(err)
	}
	var built, listed []string
	for _, dep := range info.Deps {
		built = append(built, dep.Path+" "+dep.Version)
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+\.\S+) \| (\S+) \| \S+`).FindAllStringSubmatch(read(t, filepath.Join(root(t), "docs", "licences.md")), -1) {
		listed = append(listed, m[1]+" "+m[2])
	}
	if !slices.Equal(built, listed) {
		t.Errorf(
			"the program is built of\n%s\nand docs/licences.md lists\n%s\nmake licences writes it anew",
			strings.Join(built, "\n"),
			strings.Join(listed, "\n"),
		)
	}
	if notice := read(t, filepath.Join(root(t), "NOTICE")); !strings.Contains(notice, "The Prometheus") {
		t.Error("NOTICE passes on none of the notices")
	}
}
