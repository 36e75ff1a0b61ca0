package rules

import (
	"strings"

	"treadmill/rules/defaults"
)

// presets are kinds of platform as a flag.
type presets []defaults.Preset

func (p *presets) Type() string { return "presets" }

func (p *presets) String() string {
	var names []string
	for _, one := range *p {
		names = append(names, one.Name)
	}
	return strings.Join(names, ",")
}

func (p *presets) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		one, err := defaults.FindPreset(name)
		if err != nil {
			return err
		}
		*p = append(*p, one)
	}
	return nil
}
