package prove_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"treadmill/rules/prove"
)

// TestShippedScenariosHaveSources: each shipped scenario says where such an event is told of, has a name of its own and a time where one is
// wanted, and every audience is asked for.
func TestShippedScenariosHaveSources(t *testing.T) {
	scenarios, findings := prove.Shipped(nil)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	names, wants := map[string]bool{}, map[prove.Expectation]int{}
	for _, s := range scenarios {
		if !strings.HasPrefix(s.Source, "https://") || names[s.Name] {
			t.Errorf("%s: source %q, or its name is not its own", s.Name, s.Source)
		}
		names[s.Name] = true
		wants[s.Expect]++
	}
	text, err := os.ReadFile("../../docs/prove.md")
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%d scenarios: in %d somebody must be woken, in %d somebody must look by day, in %d nobody may be woken, and in %d",
		len(scenarios), wants[prove.WantPage], wants[prove.WantTicket], wants[prove.WantQuiet], wants[prove.WantSilent])
	if !strings.Contains(string(text), said) {
		t.Errorf("docs/prove.md does not say %q", said)
	}
}
