package defaults

import (
	"fmt"
	"strings"

	"treadmill/internal/diag"
)

// Collision is the ID of a finding on two alerts that Alertmanager cannot tell apart by what the rules say of them.
const Collision = "audit/collision"

// collisions reports alerts of one name with the same labels but other expressions, which stand in different groups or files.
func collisions(alerts []Alert, fingerprints map[diag.Position]string) []diag.Finding {
	first := map[string]Alert{}
	var out []diag.Finding
	for _, a := range alerts {
		key := a.Name + "\x00" + fmt.Sprint(a.Labels)
		other, twice := first[key]
		if !twice {
			first[key] = a
			continue
		}
		if fingerprints[a.Position] != fingerprints[other.Position] && !strings.Contains(key, "{{") {
			out = append(out, diag.Finding{ID: Collision, Severity: diag.Warning, Position: a.Position, Message: fmt.Sprintf(
				"%s is also at %s with the same labels and another expression: a notification does not say which of them it is",
				a.Name,
				other.Position,
			)})
		}
	}
	return out
}
