package defaults

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

//go:embed data/pack.yaml data/pack/*.yaml
var packFiles embed.FS

// PlatformSLO is one SLO of the platform pack with what to know before one uses it.
type PlatformSLO struct {
	Pos     diag.Position `json:"-"`
	ID      string        `yaml:"slo,required" json:"id"`
	Route   string        `yaml:"route,required" json:"route"` // page or ticket
	Reason  string        `yaml:"reason,required" json:"reason"`
	Metrics string        `yaml:"metrics,required" json:"metrics"` // their stability, and since when they are there
	Needs   []string      `yaml:"needs" json:"needs"`              // what must exist, as in dispositions
	When    []string      `yaml:"when" json:"when"`                // what few clusters have: chosen on request only
	Guard   string        `yaml:"guard" json:"guard,omitempty"`    // what notices when the server that counts is gone
	Series  string        `yaml:"series" json:"series"`            // how many groups it makes
	Source  string        `yaml:"source,required" json:"source"`
	Date    string        `yaml:"date,required" json:"date"`

	Replaces []string `json:"replaces"` // the default alerts that it makes needless, from the table of dispositions
	Chosen   bool     `json:"chosen"`
	Because  string   `json:"because,omitempty"` // why it is not chosen
}

// Pack lists the platform SLOs in the order of their table. Those that need what the platform lacks, or what it is not
// said to have, are not chosen.
func Pack(table Table, platform Platform) ([]PlatformSLO, []diag.Finding) {
	data, err := packFiles.ReadFile("data/pack.yaml")
	if err != nil {
		panic(err) // embedded
	}
	docs, findings := yamlx.Documents("pack.yaml", data)
	var out []PlatformSLO
	for _, doc := range docs {
		var file struct {
			Version int           `yaml:"version,required"`
			Rows    []PlatformSLO `yaml:"rows,required"`
		}
		findings = append(findings, yamlx.Decode(doc, &file)...)
		out = append(out, file.Rows...)
	}
	for i := range out {
		s := &out[i]
		s.Needs, s.When, s.Replaces = append([]string{}, s.Needs...), append([]string{}, s.When...), table.replacedBy(s.ID)
		s.choose(platform)
	}
	return out, findings
}

func (s *PlatformSLO) choose(platform Platform) {
	s.Chosen = true
	for _, need := range s.Needs {
		if p, ok := platform.lacks(need); ok {
			s.Chosen, s.Because = false, fmt.Sprintf("needs %s, which %s lacks", need, p.Name)
		}
	}
	for _, what := range s.When {
		if !slices.Contains(platform.Has, what) {
			s.Chosen, s.Because = false, "only with --has "+what
		}
	}
}

// replacedBy lists the alerts that an SLO replaces, sorted.
func (t Table) replacedBy(slo string) []string {
	out := []string{}
	for name, rows := range t {
		if slices.ContainsFunc(rows, func(r Row) bool { return slices.Contains(r.ReplacedBy, slo) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Spec is the OpenSLO file of a platform SLO, and the name it has in the pack.
func (s PlatformSLO) Spec() (name string, data []byte, err error) {
	name = s.ID + ".yaml"
	data, err = packFiles.ReadFile("data/pack/" + name)
	return name, data, err
}

// Specs joins the OpenSLO files of several SLOs to one of many documents.
func Specs(slos []PlatformSLO) ([]byte, error) {
	var b strings.Builder
	for i, s := range slos {
		_, data, err := s.Spec()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(data)
	}
	return []byte(b.String()), nil
}

// written maps every platform SLO to why it is not written, "" for those that are.
func (p Platform) written(table Table) map[string]string {
	slos, _ := Pack(table, p)
	out := map[string]string{}
	for _, s := range slos {
		out[s.ID] = s.Because
	}
	return out
}
