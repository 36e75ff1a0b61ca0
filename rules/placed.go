package rules

import (
	"maps"
	"slices"
)

// Rules gives every rule of the files in their order, each with the file and group that it stands in.
func Rules(files []File) []Placed {
	var out []Placed
	for i := range files {
		for j := range files[i].Groups {
			g := &files[i].Groups[j]
			for k := range g.Rules {
				out = append(out, Placed{File: &files[i], Group: g, Rule: &g.Rules[k]})
			}
		}
	}
	return slices.Clip(out)
}

// Recorded are the names of the series that rules of the files make.
func Recorded(files []File) map[string]bool {
	out := map[string]bool{}
	for _, p := range Rules(files) {
		if p.Rule.Record != "" {
			out[p.Rule.Record] = true
		}
	}
	return out
}

// Placed is a rule with the group and the file that it stands in.
type Placed struct {
	File  *File
	Group *Group
	Rule  *Rule
}

// Labels are the labels that the rule sets, with those of its group; never nil.
func (p Placed) Labels() map[string]string {
	out := map[string]string{}
	maps.Copy(out, p.Group.Labels)
	maps.Copy(out, p.Rule.Labels)
	return out
}
