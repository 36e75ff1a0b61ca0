package repo_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// documents decodes a YAML file of the repository.
func documents(t *testing.T, name string) []map[string]any {
	t.Helper()
	file, err := os.Open(filepath.Join(root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []map[string]any
	for d := yaml.NewDecoder(file); ; {
		var doc map[string]any
		if err := d.Decode(&doc); err != nil {
			break
		}
		out = append(out, doc)
	}
	if len(out) == 0 {
		t.Fatalf("%s has no document", name)
	}
	return out
}

// inputsUsed are the names that a text takes from its inputs; they must be those that are declared.
func inputsUsed(t *testing.T, name, form string, declared map[string]any) {
	t.Helper()
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(read(t, filepath.Join(root(t), filepath.FromSlash(name))), -1) {
		used[m[1]] = true
	}
	if got, want := slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(declared)); !slices.Equal(got, want) {
		t.Errorf("%s uses the inputs %q and declares %q", name, got, want)
	}
}

// The steps of the GitHub Action run as a runner runs them.
func TestActionRuns(t *testing.T) {
	action := documents(t, "ci/github/action.yml")[0]
	inputsUsed(t, "ci/github/action.yml", `inputs\.([a-z]+)`, action["inputs"].(map[string]any))
	dir := repository(t, map[string]string{"deploy/job.yaml": oldJob, "other/config.yaml": fine})
	env := []string{
		"GITHUB_ACTION_PATH=" + filepath.Join(root(t), "ci", "github"),
		"RUNNER_TEMP=" + t.TempDir(),
		"GITHUB_ACTIONS=true",
		"GITHUB_STEP_SUMMARY=",
		"PATH=" + filepath.Dir(treadmill(t)) + ":" + os.Getenv("PATH"),
		"GITHUB_PATH=" + filepath.Join(t.TempDir(), "path"),
		"JOB=scan",
		"PATHS=deploy other",
		"TO=1.38",
		"WITHIN=",
		"OUT=",
		"ARGS=",
		"BASE=",
		"COMMENT_TOKEN=",
		"URL=",
		"VERSION=",
		"REPORTS=" + t.TempDir(),
	}
	var last ran
	for _, step := range action["runs"].(map[string]any)["steps"].([]any) {
		step := step.(map[string]any)
		for name := range step["env"].(map[string]any) {
			if !slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, name+"=") }) && name != "REPORT_URL" {
				t.Errorf("step %s takes %s, which this test does not give", step["name"], name)
			}
		}
		last = execute(t, dir, env, "bash", "-eo", "pipefail", "-c", step["run"].(string))
	}
	if last.status != 1 || !strings.Contains(last.stdout, "::error title=api/removed,file=deploy/job.yaml") ||
		!strings.Contains(last.stdout, "2 objects in 2 files") {
		t.Errorf("status %d\n%s%s", last.status, last.stdout, last.stderr)
	}
}

// The script of the GitLab job runs with its inputs put in.
func TestGitLabJobRuns(t *testing.T) {
	docs := documents(t, "ci/gitlab/treadmill.yml")
	inputs := docs[0]["spec"].(map[string]any)["inputs"].(map[string]any)
	inputsUsed(t, "ci/gitlab/treadmill.yml", `\$\[\[ inputs\.([a-z]+) \]\]`, inputs)
	example := documents(t, "ci/gitlab/example.yml")[0]["include"].([]any)[0].(map[string]any)["inputs"].(map[string]any)
	values := map[string]string{"scripts": "file://" + filepath.Join(root(t), "ci"), "url": "file:///nowhere", "version": "v0.1.0"}
	for name, input := range inputs {
		given, required := input.(map[string]any)["default"]
		if _, shown := example[name]; !required && !shown {
			t.Errorf("the example does not give %s, which has no default", name)
		}
		if text, ok := given.(string); ok {
			values[name] = text
		}
	}
	values["paths"], values["to"] = "deploy other", "1.38"
	put := func(text string) string {
		return regexp.MustCompile(`\$\[\[ inputs\.([a-z]+) \]\]`).
			ReplaceAllStringFunc(text, func(s string) string { return values[s[11:len(s)-3]] })
	}
	var job map[string]any
	for _, v := range docs[1] {
		job = v.(map[string]any)
	}
	dir := repository(t, map[string]string{"deploy/job.yaml": oldJob, "other/config.yaml": fine})
	env := []string{"PATH=" + filepath.Dir(treadmill(t)) + ":" + os.Getenv("PATH"), "GITHUB_ACTIONS=", "GITHUB_STEP_SUMMARY=", "REPORTS="}
	for name, v := range job["variables"].(map[string]any) {
		if text := put(v.(string)); !strings.Contains(text, "$CI_") {
			env = append(env, name+"="+text)
		}
	}
	var lines []string
	for _, l := range job["script"].([]any) {
		lines = append(lines, put(l.(string)))
	}
	r := execute(t, dir, append(env, "BASE="), "sh", "-e", "-c", strings.Join(lines, "\n"))
	if r.status != 1 || !strings.Contains(r.stdout, "2 objects in 2 files") {
		t.Fatalf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	artefact := put(job["artifacts"].(map[string]any)["reports"].(map[string]any)["codequality"].(string))
	if text := read(t, filepath.Join(dir, artefact)); !strings.Contains(text, `"check_name": "api/removed"`) {
		t.Errorf("%s: %s", artefact, text)
	}
}

// Each hook of pre-commit is a command that takes the files it is for.
func TestHooksRun(t *testing.T) {
	var hooks []struct{ ID, Entry, Language string }
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root(t), ".pre-commit-hooks.yaml"))), &hooks); err != nil {
		t.Fatal(err)
	}
	fleet := "version: 1\nclusters: [{name: shop, provider: eks, version: \"1.31\"}]\n"
	dir := t.TempDir()
	write(
		t,
		dir,
		map[string]string{
			"job.yaml":   oldJob,
			"slo.yaml":   strings.Replace(spec, "99.9", "100", 1),
			"rules.yaml": "groups: [{name: a, rules: [{alert: Slow, expr: 'up =='}]}]\n",
			"fleet.yaml": fleet,
		},
	)
	files := map[string]string{
		"treadmill-scan":  "job.yaml",
		"treadmill-slo":   "slo.yaml",
		"treadmill-rules": "rules.yaml",
		"treadmill-fleet": "fleet.yaml",
	}
	if len(hooks) != len(files) {
		t.Errorf("%d hooks, this test knows %d", len(hooks), len(files))
	}
	for _, h := range hooks {
		words := strings.Fields(h.Entry)
		r := execute(t, dir, nil, treadmill(t), append(words[1:], files[h.ID])...)
		if words[0] != "treadmill" || h.Language != "golang" || r.status != 1 {
			t.Errorf("%s: status %d\n%s%s", h.ID, r.status, r.stdout, r.stderr)
		}
	}
}

// The arguments of the task are a command line of treadmill.
func TestTaskRuns(t *testing.T) {
	task := documents(t, "ci/tekton/task.yaml")[0]["spec"].(map[string]any)
	dir := t.TempDir()
	write(t, dir, map[string]string{"deploy/job.yaml": oldJob})
	var args []string
	for _, a := range task["steps"].([]any)[0].(map[string]any)["args"].([]any) {
		args = append(args, strings.NewReplacer("$(params.paths[*])", "deploy", "$(params.to)", "1.38").Replace(a.(string)))
	}
	if r := execute(t, dir, nil, treadmill(t), args...); r.status != 1 || !strings.Contains(r.stdout, "1 removed") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// The page about pipelines shows the examples as they are.
func TestPageShowsTheExamples(t *testing.T) {
	page := read(t, filepath.Join(root(t), "docs", "ci.md"))
	for _, name := range []string{"ci/github/example.yml", "ci/gitlab/example.yml"} {
		_, example, _ := strings.Cut(read(t, filepath.Join(root(t), filepath.FromSlash(name))), "\n")
		if !strings.Contains(page, "```yaml\n"+example+"```") {
			t.Errorf("docs/ci.md does not show %s as it is", name)
		}
	}
}
