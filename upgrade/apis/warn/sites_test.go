package warn_test

import (
	"os"
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/warn"
)

// TestSites holds rules.tsv to sites.tsv, which is derived from the source of Kubernetes: each place at which the API server
// warns has rules or a reason, each rule a place, and what is no deprecation is told from the first release on that says it.
func TestSites(t *testing.T) {
	text, err := os.ReadFile("sites.tsv")
	if err != nil {
		t.Fatal(err)
	}
	placed := map[string]bool{}
	first := map[string]upgrade.Minor{} // by rule: the first release with one of its places; zero for the oldest
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "file" {
			continue
		}
		if len(c) != 5 {
			t.Fatalf("%q has %d columns, want 5", line, len(c))
		}
		if strings.HasPrefix(c[4], "(") {
			continue
		}
		var since upgrade.Minor
		if c[3] != "-" {
			if err := since.UnmarshalText([]byte(c[3])); err != nil {
				t.Fatal(err)
			}
		}
		for _, rule := range strings.Fields(c[4]) {
			if placed[rule] = true; strings.Contains(c[2], "GetWarningsFor") {
				continue // a call, whose own place says since when
			}
			if before, ok := first[rule]; !ok || since.Less(before) {
				first[rule] = since
			}
		}
	}
	placed["duplicate-owner"] = true // of k8s.io/apiserver, which the generator does not read
	known := map[string]bool{}
	for _, r := range load(t).Rules() {
		since, told := first[r.Name]
		known[r.Name] = true
		switch {
		case !placed[r.Name]:
			t.Errorf("rule %s replays no place", r.Name)
		case told && r.Finding != warn.Field && r.Since != since:
			t.Errorf("rule %s: since %s, want %s", r.Name, r.Since, since)
		case r.Finding == warn.Field && !since.IsZero() && r.Deprecated.Less(since) && r.Removed.Less(since):
			t.Errorf("rule %s: deprecated %s, removed %s, while the server warns since %s", r.Name, r.Deprecated, r.Removed, since)
		}
	}
	for name := range placed {
		if !known[name] {
			t.Errorf("sites.tsv names rule %s, which rules.tsv does not have", name)
		}
	}
}
