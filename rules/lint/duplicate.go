package lint

import (
	"fmt"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// Duplicates are rules that stand in two groups of one file or object with the same name, labels and expression: they are evaluated twice
// and tell twice.
func Duplicates(files []rules.File) []diag.Finding {
	var out []diag.Finding
	for _, f := range files {
		first := map[string]rules.Placed{}
		for _, p := range rules.Rules([]rules.File{f}) {
			key := p.Rule.Record + "\x00" + p.Rule.Alert + "\x00" + fmt.Sprint(p.Labels()) + "\x00" + strings.Join(strings.Fields(p.Rule.Expr), " ")
			before, twice := first[key]
			switch {
			case !twice:
				first[key] = p
			case before.Group.Name != p.Group.Name: // twice in one group is a finding of whoever reads the file
				out = append(out, diag.Finding{ID: rules.FindingRuleTwice, Severity: diag.Warning, Position: p.Rule.Pos, Message: fmt.Sprintf(
					"%s is already on line %d, in group %s, with the same labels and expression", p.Rule.Name(), before.Rule.Pos.Line, before.Group.Name)})
			}
		}
	}
	return out
}
