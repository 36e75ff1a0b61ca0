package scan_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
)

// ways are how one object can be written. Each takes the apiVersion, the kind and the name.
var ways = []func(apiVersion, kind, name string) string{
	func(a, k, n string) string {
		return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", a, k, n)
	},
	func(a, k, n string) string {
		return fmt.Sprintf(`{"kind": %q, "metadata": {"name": %q}, "apiVersion": %q}`, k, n, a)
	},
	func(a, k, n string) string {
		return fmt.Sprintf("{kind: %s, metadata: {name: %s}, apiVersion: '%s'}\n", k, n, a)
	},
	func(a, k, n string) string {
		return fmt.Sprintf("kind: %sList\napiVersion: %s\nitems:\n- metadata: {name: %s}\n", k, a, n)
	},
	func(a, k, n string) string {
		return fmt.Sprintf(
			"kind: List\napiVersion: v1\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - kind: %s\n    apiVersion: %s\n    metadata:\n      name: %s\n",
			k,
			a,
			n,
		)
	},
	func(a, k, n string) string {
		return fmt.Sprintf(
			"\xef\xbb\xbf# é\r\n---\r\n\"kind\": \"%s\"\r\nmetadata: &m\r\n  name: %s\r\napiVersion: %s # c\r\n---\r\na: [\r\n",
			k,
			n,
			a,
		)
	},
	func(a, k, n string) string { // as a custom resource of another group: never a finding
		return fmt.Sprintf(
			"apiVersion: x%s.example.com/v1beta1\nkind: %s\nmetadata: {name: other}\n",
			strings.NewReplacer("/", ".").Replace(a),
			k,
		)
	},
}

// TestEveryAPIAtEveryTarget writes every known API in every way and asks for every target: each finding that must be there is
// there once, in each way, with the right severity, and no other is.
func TestEveryAPIAtEveryTarget(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	corpus := fstest.MapFS{}
	for i, api := range table.APIs {
		for w, way := range ways {
			corpus[fmt.Sprintf("corpus/%d/%d.yaml", i, w)] = &fstest.MapFile{Data: []byte(way(api.APIVersion(), api.Kind, "x"))}
		}
	}
	r := apis.Reader{Open: corpus.Open}
	seen, err := r.Read(context.Background(), []string{"corpus"})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(table.APIs) * len(ways); seen.Seen != want {
		t.Errorf("%d objects seen, want %d", seen.Seen, want)
	}
	for target := upgrade.V1(16); !table.Last().Less(target); target = target.Add(1) {
		got := map[string]int{}
		for _, f := range scan.Find(seen.Objects, table, target) {
			got[fmt.Sprintf("%s %s %s", f.APIVersion, f.Kind, f.Severity)]++
		}
		for _, api := range table.APIs {
			for severity, want := range map[string]bool{"error": api.RemovedAt(target),
				"warning": !api.RemovedAt(target) && api.DeprecatedAt(target)} {
				key, n := api.String()+" "+severity, 0
				if want {
					n = len(ways) - 1
				}
				if got[key] != n {
					t.Errorf("to %s: %s found %d times, want %d", target, key, got[key], n)
				}
				delete(got, key)
			}
		}
		for key := range got {
			t.Errorf("to %s: %s is none of the known APIs", target, key)
		}
	}
}

// TestTraps reads the files of testdata/apis/traps; want.txt lists every finding. UPDATE_GOLDEN=1 accepts what is found.
func TestTraps(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.FromSlash("../../../testdata/apis/traps")
	r := apis.Reader{Open: open, Want: table.Fading}
	seen, err := r.Read(context.Background(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range scan.Find(seen.Objects, table, table.Newest) {
		fmt.Fprintln(&b, f.String())
	}
	for _, f := range seen.Findings {
		fmt.Fprintln(&b, f.String())
	}
	golden := filepath.Join(filepath.Dir(dir), "want.txt")
	got := strings.ReplaceAll(b.String(), filepath.ToSlash(dir)+"/", "")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "NEG-") {
			t.Errorf("a file without a finding has one: %s", line)
		}
	}
}
