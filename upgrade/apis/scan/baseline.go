package scan

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Baseline counts the findings that are accepted as they are, by what they are about and not by line, so that a file may
// be edited around them.
type Baseline map[string]int

func baselineKey(f Finding) string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%s\x00%s\x00%s", f.ID, f.File, f.APIVersion, f.Kind, f.Namespace, f.Name)
}

// ReadBaseline reads what "upgrade scan -o json" wrote.
func ReadBaseline(data []byte) (Baseline, error) {
	var saved struct {
		Version  int        `json:"version"`
		Findings *[]Finding `json:"findings"`
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, fmt.Errorf("not the JSON of a scan: %w", err)
	}
	if saved.Version != 1 || saved.Findings == nil {
		return nil, fmt.Errorf("not the JSON of a scan: want version 1 and findings, as \"upgrade scan -o json\" writes them")
	}
	b := Baseline{}
	for _, f := range *saved.Findings {
		if f.Kind != "" { // what is about a file or a comment is not accepted
			b[baselineKey(f)]++
		}
	}
	return b, nil
}

// Accept takes out the findings that the baseline has, each as often as it has it. gone counts those of the baseline
// that are no more.
func (b Baseline) Accept(found []Finding) (left []Finding, accepted, gone int) {
	rest := map[string]int{}
	for k, n := range b {
		rest[k] = n
	}
	left = slices.DeleteFunc(slices.Clone(found), func(f Finding) bool {
		key := baselineKey(f)
		if rest[key] == 0 {
			return false
		}
		rest[key]--
		accepted++
		return true
	})
	for _, n := range rest {
		gone += n
	}
	return left, accepted, gone
}
