package repo_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// steps are what CONTRIBUTING says to do for a command and a check: files that are new, and lines that are put behind others.
var steps = []struct {
	file   string // by the root of the repository
	from   string // of testdata/recipe: the text of a new file, or what is put at the end of one
	behind string // a text of the file
	line   string // what is put behind it
	named  string // how CONTRIBUTING names the file
}{
	{file: "rules/tally/tally.go", from: "tally.go.txt", named: "rules/…"},
	{file: "cmd/internal/cli/rules/count.go", from: "count.go.txt", named: "cmd/internal/cli/<group>/<command>.go"},
	{file: "cmd/internal/cli/rules/rules.go", behind: "\t\tauditCommand(a),\n", line: "\t\tcountCommand(a),\n", named: "<group>.go"},
	{
		file:   "cmd/treadmill/machine_test.go",
		behind: "return map[string][]string{\n",
		line:   "\t\t\"treadmill rules count\": {\"testdata/rules/kube-prometheus.yaml\"},\n",
		named:  "cmd/treadmill/machine_test.go",
	},
	{file: "testdata/script/rules_count.txtar", from: "count.txtar.txt", named: "testdata/script/"},
	{file: "internal/diag/catalogue/data/11-rules.yaml", from: "row.yaml", named: "internal/diag/catalogue/data"},
	{file: "internal/arch/arrows.txt", behind: "\nrules/noise:", line: "\nrules/tally: rules", named: "internal/arch/arrows.txt"},
	{
		file:   "docs/ARCHITECTURE.md",
		behind: "\n  noise/  ",
		line:   "\n  tally/               how many alerts there are",
		named:  "docs/ARCHITECTURE.md",
	},
	{
		file:   "docs/ARCHITECTURE.md",
		behind: "\nrules diff  ",
		line:   "\nrules count        cli/rules → rules/tally",
		named:  "docs/ARCHITECTURE.md",
	},
}

// A command and a check that are added by the recipes of CONTRIBUTING pass every test that looks at such things.
func TestRecipesForACommandAndACheck(t *testing.T) {
	if testing.Short() {
		t.Skip("builds everything")
	}
	dir := copyOf(t)
	recipe, page := filepath.Join("testdata", "recipe"), read(t, filepath.Join(root(t), "docs", "CONTRIBUTING.md"))
	for _, s := range steps {
		if !strings.Contains(page, s.named) {
			t.Errorf("docs/CONTRIBUTING.md does not name %s", s.named)
		}
		name := filepath.Join(dir, filepath.FromSlash(s.file))
		old, err := os.ReadFile(name)
		text := string(old)
		switch {
		case s.from != "":
			text += read(t, filepath.Join(recipe, s.from))
		case err != nil || !strings.Contains(text, s.behind):
			t.Fatalf("%s has no text %q: %v", s.file, s.behind, err)
		case strings.HasPrefix(s.line, "\n"): // a whole line before the one that is named
			text = strings.Replace(text, s.behind, s.line+s.behind, 1)
		default:
			text = strings.Replace(text, s.behind, s.behind+s.line, 1)
		}
		write(t, dir, map[string]string{s.file: text})
	}
	do := func(command string, args ...string) ran {
		t.Helper()
		r := execute(t, dir, []string{"GOFLAGS=-buildvcs=false"}, command, args...)
		if r.status != 0 {
			t.Fatalf("%s %q: status %d\n%s%s", command, args, r.status, r.stdout, r.stderr)
		}
		return r
	}
	do("gofmt", "-w", "cmd/treadmill/machine_test.go", "cmd/internal/cli/rules")
	do("make", "--no-print-directory", "docs")
	for _, made := range []string{"docs/cli/treadmill_rules_count.md", "docs/schema/out/rules-count.json", "docs/findings/tally/none.md"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(made))); err != nil {
			t.Errorf("make generate does not write %s", made)
		}
	}
	do("go", "vet", "./rules/tally", "./cmd/...")
	do("go", "test", "./internal/arch", "./internal/diag/...", "./cmd/docgen")
	do("go", "test", "./cmd/internal/cli", "-run", "TestExamplesShowTheirFinding/tally")
	r := do("go", "test", "./cmd/treadmill", "-v", "-run", "TestMachineShapes/treadmill_rules_count|TestScripts/rules_count|TestFindings")
	for _, want := range []string{`PASS: TestMachineShapes/treadmill_rules_count`, `PASS: TestScripts/rules_count`, "PASS: TestFindingsAreDocumented"} {
		if !regexp.MustCompile(want).MatchString(r.stdout) {
			t.Errorf("%s did not run:\n%s", want, r.stdout)
		}
	}
}
