package defaults

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
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

// Platform is what is known of the place where rules run.
type Platform struct {
	Presets []Preset // what it lacks, and why
	Has     []string // what it has that few have, such as hubble
}

// lacks gives the first preset that lacks something, and whether there is one.
func (p Platform) lacks(what string) (Preset, bool) {
	i := slices.IndexFunc(p.Presets, func(one Preset) bool { return slices.Contains(one.Lacks, what) })
	if i < 0 {
		return Preset{}, false
	}
	return p.Presets[i], true
}

// settle gives an alert the disposition that it has on the platform: another one where its row says so, dropped where it needs what
// the platform lacks, and that of its severity where an SLO that replaces it is not written.
func (a *Alert) settle(row Row, platform Platform, chosen map[string]string) {
	for _, what := range slices.Sorted(maps.Keys(row.Having)) {
		if slices.Contains(platform.Has, what) {
			a.Disposition, a.ReplacedBy = row.Having[what], []string{}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(row.Lacking)) {
		if _, ok := platform.lacks(what); ok {
			a.Disposition, a.ReplacedBy = row.Lacking[what], []string{}
		}
	}
	for _, id := range a.ReplacedBy {
		if because, written := chosen[id]; a.Disposition == Replaced && (!written || because != "") {
			a.Disposition, a.ReplacedBy = ofSeverity(a.Severity), []string{}
			a.Reason = fmt.Sprintf("stays, as the SLO %s that would replace it is not written: %s", id, cmp.Or(because, "it is not in the pack"))
		}
	}
	a.drop(platform.Presets)
}

// ofSeverity is the disposition that an alert ships with.
func ofSeverity(severity string) Disposition {
	switch severity {
	case "critical", "page":
		return Page
	case "warning", "ticket":
		return Ticket
	}
	return Info
}

// drop drops an alert that needs what the platform lacks.
func (a *Alert) drop(presets []Preset) {
	for _, p := range presets {
		for _, need := range a.Needs {
			if slices.Contains(p.Lacks, need) && a.Disposition != Dropped {
				a.Disposition, a.ReplacedBy = Dropped, []string{}
				a.Reason = fmt.Sprintf("needs %s, which %s lacks: %s", need, p.Name, p.Because)
			}
		}
	}
}
