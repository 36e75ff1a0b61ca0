package repo_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The changelog has an entry for what is to come, versions newest first with their days, and only the kinds of change that readers know.
func TestChangelog(t *testing.T) {
	text := read(t, filepath.Join(root(t), "CHANGELOG.md"))
	heads := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1)
	if len(heads) == 0 || heads[0][1] != "[Unreleased]" {
		t.Fatalf("the first heading is not [Unreleased]: %v", heads)
	}
	last := ""
	for _, h := range heads[1:] {
		m := regexp.MustCompile(`^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$`).FindStringSubmatch(h[1])
		if m == nil {
			t.Fatalf("%q is not of the form [1.2.3] - 2026-11-23", h[1])
		}
		if last != "" && m[2] > last {
			t.Errorf("%s is newer than what stands above it", h[1])
		}
		last = m[2]
	}
	for _, h := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(" Added Changed Deprecated Removed Fixed Security ", " "+h[1]+" ") {
			t.Errorf("%q is no kind of change", h[1])
		}
	}
}

// The forms for issues have what GitHub asks of them
// (https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests).
func TestIssueForms(t *testing.T) {
	forms, err := filepath.Glob(filepath.Join(root(t), ".github", "ISSUE_TEMPLATE", "*.yml"))
	if err != nil || len(forms) < 3 {
		t.Fatal(forms, err)
	}
	for _, file := range forms {
		rel, err := filepath.Rel(root(t), file)
		if err != nil {
			t.Fatal(err)
		}
		form := documents(t, filepath.ToSlash(rel))[0]
		if form["name"] == nil || form["description"] == nil {
			t.Errorf("%s lacks a name or description", rel)
		}
		seen := map[any]bool{}
		for _, f := range form["body"].([]any) {
			field := object(f.(map[string]any))
			kind, label := field["type"], field.get("attributes", "label")
			if seen[field["id"]] || field["id"] == nil || label == nil || kind != "textarea" && kind != "input" {
				t.Errorf("%s: %v", rel, field)
			}
			seen[field["id"]] = true
		}
	}
}

// Links between the pages of the repository lead somewhere.
func TestLinksBetweenPages(t *testing.T) {
	list := execute(t, root(t), nil, "git", "ls-files", "*.md", "docs/*.md")
	for page := range strings.FieldsSeq(list.stdout) {
		if strings.HasPrefix(page, "docs/findings/") || strings.HasPrefix(page, "docs/cli/") {
			continue // generated: one link each, by the same code
		}
		text := regexp.MustCompile("(?s)```.*?```|`[^`]*`").ReplaceAllString(read(t, filepath.Join(root(t), page)), "")
		for _, m := range regexp.MustCompile(`\]\(([^)#: ]+)(#[^)]*)?\)`).FindAllStringSubmatch(text, -1) {
			if _, err := filepath.Glob(m[1]); err != nil {
				continue
			}
			if r := execute(t, filepath.Join(root(t), filepath.Dir(page)), nil, "test", "-e", m[1]); r.status != 0 {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
		}
	}
}
