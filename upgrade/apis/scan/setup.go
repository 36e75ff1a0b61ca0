package scan

import (
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/setup"
	"treadmill/upgrade/component"
)

// The IDs of findings about how components are set up.
const (
	ComponentFlag = "component/flag" // a component of the target does not know a flag
	ComponentGate = "component/gate" // it does not know a feature gate, or holds it the other way

	ComponentPlugin = "component/plugin" // it does not know an admission plugin
)

// ComponentPrefix begins these IDs.
const ComponentPrefix = "component/"

// Setup finds what keeps the components of the target from starting: flags, feature gates and admission plugins that they do not
// take, and as a warning flags and gates that no known release has.
func Setup(sets []setup.Set, flags component.Flags, gates component.Gates, target upgrade.Minor) []Finding {
	var found []Finding
	for _, s := range sets {
		id, severity := ComponentFlag, diag.Error
		why, _ := flags.Refuses(s.Component, s.Flag, target)
		switch {
		case s.Plugin != "":
			id, why = ComponentPlugin, flags.RefusesPlugin(s.Plugin, target)
		case s.Gate.Name == "" && why == "":
			severity, why = diag.Warning, flags.Unknown(s.Component, s.Flag, target)
		case s.Gate.Name != "":
			id = ComponentGate
			if why = gates.Refuses(s.Gate, target, target); why == "" {
				severity, why = diag.Warning, gates.Unknown(s.Gate, target)
			}
			if why != "" {
				why = s.Component + ": " + why
			}
		}
		if why != "" {
			f := about(s.Object, id, severity, "")
			f.Message = why
			found = append(found, f)
		}
	}
	return found
}
