package prove

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
)

// Only keeps the scenarios of the given names, all when none is given.
func Only(scenarios []Scenario, names []string) ([]Scenario, error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	var known []string
	for _, s := range scenarios {
		known = append(known, s.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("there is no scenario %q; %s", n, yamlx.DidYouMean(n, known, "want one of "+strings.Join(known, ", ")))
		}
	}
	return slices.DeleteFunc(slices.Clone(scenarios), func(s Scenario) bool { return !slices.Contains(names, s.Name) }), nil
}
