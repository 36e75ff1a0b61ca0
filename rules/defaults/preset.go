package defaults

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

//go:embed data/presets.yaml
var presetData []byte

// Preset is a kind of platform and what it lacks.
type Preset struct {
	Pos     diag.Position
	Name    string   `yaml:"preset,required"`
	Lacks   []string `yaml:"lacks,required"`
	Because string   `yaml:"because,required"`
	Source  string   `yaml:"source,required"`
	Date    string   `yaml:"date,required"`
}

// Presets lists the platforms that Treadmill knows, in the order of their table.
func Presets() []Preset {
	docs, _ := yamlx.Documents("presets.yaml", presetData)
	var out []Preset
	for _, doc := range docs {
		var file struct {
			Version int      `yaml:"version,required"`
			Rows    []Preset `yaml:"rows,required"`
		}
		yamlx.Decode(doc, &file)
		out = append(out, file.Rows...)
	}
	return out
}

// FindPreset gives the preset of a name.
func FindPreset(name string) (Preset, error) {
	var names []string
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("%q is not a preset: want one of %s", name, strings.Join(names, ", "))
}

// settle drops an alert that needs what the platform lacks.
func (a *Alert) settle(presets []Preset) {
	for _, p := range presets {
		for _, need := range a.Needs {
			if slices.Contains(p.Lacks, need) && a.Disposition != Dropped {
				a.Disposition, a.ReplacedBy = Dropped, []string{}
				a.Reason = fmt.Sprintf("needs %s, which %s lacks: %s", need, p.Name, p.Because)
			}
		}
	}
}
