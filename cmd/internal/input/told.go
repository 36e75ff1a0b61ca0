package input

import (
	"slices"
	"strings"

	"treadmill/internal/diag"
)

// told collects what is found of many SLOs, each cause once.
type told struct {
	order []diag.Finding
	of    map[diag.Finding][]string // the SLOs that have it
	at    map[diag.Position]int     // how many SLOs stand at a place
}

func (t *told) add(id string, at diag.Position, findings []diag.Finding) {
	if t.of == nil {
		t.of, t.at = map[diag.Finding][]string{}, map[diag.Position]int{}
	}
	t.at[at]++
	for _, f := range findings {
		if t.of[f] == nil {
			t.order = append(t.order, f)
		}
		if !slices.Contains(t.of[f], id) {
			t.of[f] = append(t.of[f], id)
		}
	}
}

// findings are what was added: a query or a policy that several SLOs share is one cause. Where the objectives of one object are SLOs, which
// stand at one place, the message says of which it is true.
func (t *told) findings() []diag.Finding {
	for i, f := range t.order {
		if t.at[f.Position] > 1 {
			t.order[i].Message = strings.Join(t.of[f], ", ") + ": " + f.Message
		}
	}
	return t.order
}
