package review

import (
	"errors"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Policy is what a team has agreed to do when little of a budget is left: bands of the budget, from the lowest up.
//
//	version: 1
//	bands:
//	  - {below: 0%, do: freeze releases until the budget is whole}
//	  - {below: 25%, do: slow down, note: reviewed changes only}
type Policy struct{ bands []band }

type band struct {
	Below yamlx.At[portion] `yaml:"below,required"`
	Do    yamlx.At[string]  `yaml:"do,required"`
	Note  string            `yaml:"note"`
}

// portion is a share of a budget as people write it: 25% or 0.25.
type portion struct{ slo.Number }

// UnmarshalText reads the share; more than a whole budget is never left.
func (p *portion) UnmarshalText(text []byte) error {
	digits, percent := strings.CutSuffix(string(text), "%")
	n, err := slo.ParseNumber(digits)
	if err != nil {
		return err
	}
	if percent {
		n = n.Div(slo.NewNumber(100, 1))
	}
	if n.Cmp(slo.NewNumber(1, 1)) > 0 {
		return errors.New("want a share of the budget of at most 100%, such as 25%")
	}
	p.Number = n
	return nil
}

// ReadPolicy reads a policy from a file. Bands may come in any order; two of one bound are an error.
func ReadPolicy(name string, data []byte) (Policy, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	fail := func(at diag.Position, message string) {
		findings = append(findings, diag.Finding{ID: "report/policy", Severity: diag.Error, Position: at, Message: message})
	}
	if len(docs) != 1 {
		if len(findings) == 0 {
			fail(diag.Position{File: name}, "want one document with version: 1 and bands")
		}
		return Policy{}, findings
	}
	var file struct {
		Version yamlx.At[int] `yaml:"version,required"`
		Bands   []band        `yaml:"bands,required"`
	}
	findings = append(findings, yamlx.Decode(docs[0], &file)...)
	if file.Version.Set() && file.Version.V != 1 {
		fail(file.Version.Pos, "version 1 is known")
	}
	slices.SortStableFunc(file.Bands, func(a, b band) int { return a.Below.V.Cmp(b.Below.V.Number) })
	for i, b := range file.Bands {
		if i > 0 && b.Below.Set() && b.Below.V.Cmp(file.Bands[i-1].Below.V.Number) == 0 {
			fail(b.Below.Pos, "two bands are below "+b.Below.V.Percent()+": say once what to do")
		}
	}
	return Policy{file.Bands}, findings
}

// Decision is what to do when a share of the budget is left: that of the lowest band whose bound is not reached; "" when
// more is left than any band asks for.
func (p Policy) Decision(left float64) (do, note string) {
	for _, b := range p.bands {
		if left < b.Below.V.Float() {
			return b.Do.V, b.Note
		}
	}
	return "", ""
}
