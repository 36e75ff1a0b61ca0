package lifecycle_test

import (
	"testing"

	"treadmill/upgrade/apis/lifecycle"
)

// TestEveryAPIHasARewrite: each API that goes has a decision with a reason, one that stays has none, and what can be
// rewritten has something to be rewritten to.
func TestEveryAPIHasARewrite(t *testing.T) {
	table := load(t)
	got := map[lifecycle.Rewrite]int{}
	for _, a := range table.APIs {
		fading := table.Fading([]byte(a.APIVersion()), []byte(a.Kind))
		if fading != (a.Rewrite != "") || fading != (a.RewriteReason != "") {
			t.Errorf("%s: rewrite %q for %q", a.GVK, a.Rewrite, a.RewriteReason)
		}
		if a.Replacement.Kind == "" && a.Rewrite != "" && a.Rewrite != lifecycle.Never {
			t.Errorf("%s: rewrite %q to nothing", a.GVK, a.Rewrite)
		}
		if a.Rewrite == lifecycle.Same && a.Replacement.Kind != a.Kind {
			t.Errorf("%s: the same fields as %s", a.GVK, a.Replacement)
		}
		got[a.Rewrite]++
	}
	if got[lifecycle.Same] < 50 || got[lifecycle.Moved] < 30 || got[lifecycle.Never] < 20 {
		t.Errorf("%v", got)
	}
}
