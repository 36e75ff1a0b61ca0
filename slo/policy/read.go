package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Invalid is the ID of the finding that a policy is not right.
const Invalid = "report/policy"

// file is the form of a policy.
type file struct {
	Version  yamlx.At[int] `yaml:"version,required"`
	Name     string        `yaml:"name"`     // what it is called
	Approved approval      `yaml:"approved"` // who has agreed to it
	Of       ask           `yaml:",inline"`  // for all SLOs that no entry of for is about

	For         []part            `yaml:"for"`         // what groups, tenants or single SLOs need instead; the first entry that fits counts
	Exemptions  []exemptionFields `yaml:"exemptions"`  // what may happen for once although too little is left
	Corrections []correctedFields `yaml:"corrections"` // times whose events are taken out of budgets
}

// approval is the sign-off.
type approval struct {
	By    []string         `yaml:"by"`    // names
	On    yamlx.At[moment] `yaml:"on"`    // the day
	Until yamlx.At[moment] `yaml:"until"` // the last day before it is to be agreed anew
}

// ask is what a policy asks for.
type ask struct {
	Period    yamlx.At[slo.Window] `yaml:"period"`    // the rolling time that budgets are looked at over; default: the SLO's own period
	Bands     []bandFields         `yaml:"bands"`     // what holds while little is left
	Incidents []incidentFields     `yaml:"incidents"` // what follows from one incident
	Upgrades  limitFields          `yaml:"upgrades"`  // what a hop needs
	Releases  limitFields          `yaml:"releases"`  // what other changes need
}

type bandFields struct {
	Below  yamlx.At[share]  `yaml:"below,required"` // share of the budget that is left
	Do     yamlx.At[string] `yaml:"do,required"`    // in words
	Note   string           `yaml:"note"`
	Forbid []Action         `yaml:"forbid"` // upgrades, releases; bands below forbid it too
}

type incidentFields struct {
	Spends yamlx.At[share]  `yaml:"spends,required"` // share of the budget that it spent at least
	Do     yamlx.At[string] `yaml:"do,required"`     // in words
}

type limitFields struct {
	Keep    yamlx.At[share] `yaml:"keep"`    // share of the budget that must be left after it; default 25% of hops, 0% of releases
	Reserve yamlx.At[share] `yaml:"reserve"` // share that it is taken to spend; default 10% of hops until past hops say, 0% of releases
	MaxBurn yamlx.At[share] `yaml:"maxBurn"` // how many times faster than allowed the budget may burn when it starts; default 1
}

// part is what some SLOs, or some groups of them, need. What it leaves out is as for all.
type part struct {
	Scope scopeFields `yaml:",inline"`
	Name  string      `yaml:"name"`
	Of    ask         `yaml:",inline"`
	Pos   diag.Position
}

type scopeFields struct {
	SLOs  []yamlx.At[string] `yaml:"slos"`  // names, or patterns of them
	Match map[string]string  `yaml:"match"` // labels of groups and their values
}

type exemptionFields struct {
	Name     yamlx.At[string]   `yaml:"name,required"`
	Reason   yamlx.At[string]   `yaml:"reason,required"`
	By       string             `yaml:"by"`             // who allowed it
	From     yamlx.At[moment]   `yaml:"from"`           // default: always
	Until    yamlx.At[moment]   `yaml:"until,required"` // a day counts as a whole
	Allow    []Action           `yaml:"allow"`          // default: all
	Clusters []yamlx.At[string] `yaml:"clusters"`       // names, or patterns of them; default: all
	Scope    scopeFields        `yaml:",inline"`
	Pos      diag.Position
}

type correctedFields struct {
	Name   yamlx.At[string] `yaml:"name,required"`
	Reason yamlx.At[string] `yaml:"reason,required"`
	From   yamlx.At[moment] `yaml:"from,required"`
	To     yamlx.At[moment] `yaml:"to,required"` // a day counts as a whole
	Scope  scopeFields      `yaml:",inline"`
	Pos    diag.Position
}

// reader collects what is wrong.
type reader struct{ findings []diag.Finding }

func (r *reader) fail(at diag.Position, format string, args ...any) {
	r.findings = append(r.findings, diag.Finding{ID: Invalid, Severity: diag.Error, Position: at, Message: fmt.Sprintf(format, args...)})
}

// Read reads a policy from a file. All that is wrong with it is reported at once, and makes it broken.
func Read(name string, data []byte) (Policy, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	r := reader{findings: findings}
	p := Policy{File: name, Broken: true, pos: diag.Position{File: name, Line: 1}}
	if len(docs) != 1 {
		if len(findings) == 0 {
			r.fail(diag.Position{File: name}, "want one document with version: 1 and bands")
		}
		return p, r.findings
	}
	var f file
	r.findings = append(r.findings, yamlx.Decode(docs[0], &f)...)
	if f.Version.Set() && f.Version.V != 1 {
		r.fail(f.Version.Pos, "version 1 is known")
	}
	p.Name, p.signed = f.Name, f.Approved
	p.terms = r.terms(f.Of, Terms{Upgrades: Limits{MaxBurn: 1}, Releases: Limits{MaxBurn: 1}})
	for _, x := range f.For {
		if len(x.Scope.SLOs) == 0 && len(x.Scope.Match) == 0 {
			r.fail(x.Pos, "an entry of for says neither slos nor match, so it would be for all: write its terms at the top")
		}
		if x.Of.Period.Set() && len(x.Scope.Match) > 0 {
			r.fail(x.Of.Period.Pos, "a period is that of a whole SLO: write it in an entry without match")
		}
		p.scopes = append(p.scopes, scoped{r.scope(x.Scope, nil), r.terms(x.Of, p.terms)})
	}
	for _, x := range f.Exemptions {
		p.Exemptions = append(p.Exemptions, r.exemption(x))
	}
	for _, x := range f.Corrections {
		p.Corrections = append(p.Corrections, r.correction(x))
	}
	p.Broken = diag.Any(r.findings, diag.Error)
	return p, r.findings
}

// terms are those of a part of the file; what it leaves out is as in others.
func (r *reader) terms(a ask, others Terms) Terms {
	t := others
	if a.Period.Set() {
		if t.Period = a.Period.V; t.Period < slo.Hour || t.Period > 400*slo.Day {
			r.fail(a.Period.Pos, "want a period of an hour to 400 days, such as 28d")
		}
	}
	if a.Bands != nil {
		t.Bands = r.bands(a.Bands)
	}
	if a.Incidents != nil {
		t.Incidents = nil
		for _, i := range a.Incidents {
			t.Incidents = append(t.Incidents, Incident{Spends: i.Spends.V.Number, Do: i.Do.V})
		}
		slices.SortStableFunc(t.Incidents, func(a, b Incident) int { return b.Spends.Cmp(a.Spends) })
	}
	t.Upgrades, t.Releases = r.limits(a.Upgrades, others.Upgrades), r.limits(a.Releases, others.Releases)
	return t
}

// bands may come in any order; two of one bound are an error.
func (r *reader) bands(fields []bandFields) []Band {
	out := []Band{}
	for _, b := range fields {
		r.whole(b.Below)
		out = append(out, Band{Below: b.Below.V.Number, Do: b.Do.V, Note: b.Note, Forbid: b.Forbid, Pos: b.Below.Pos})
	}
	slices.SortStableFunc(out, func(a, b Band) int { return a.Below.Cmp(b.Below) })
	for i, b := range out {
		if i > 0 && b.Pos.Line > 0 && b.Below.Cmp(out[i-1].Below) == 0 {
			r.fail(b.Pos, "two bands are below %s: say once what to do", b.Below.Percent())
		}
	}
	return out
}

func (r *reader) limits(f limitFields, others Limits) Limits {
	l := others
	given := func(field yamlx.At[share], to **float64) {
		if field.Set() {
			if r.whole(field); field.V.Cmp(slo.NewNumber(0, 1)) < 0 {
				r.fail(field.Pos, "want a share of the budget of at least 0%%")
			}
			v := field.V.Float()
			*to = &v
		}
	}
	given(f.Keep, &l.Keep)
	given(f.Reserve, &l.Reserve)
	if f.MaxBurn.Set() {
		l.MaxBurn = f.MaxBurn.V.Float()
		if l.MaxBurn <= 0 {
			r.fail(f.MaxBurn.Pos, "want a burn above 0, such as 1: as fast as allowed")
		}
	}
	return l
}

// whole refuses a share of more than a budget, which is never left.
func (r *reader) whole(s yamlx.At[share]) {
	if s.V.Cmp(slo.NewNumber(1, 1)) > 0 {
		r.fail(s.Pos, "want a share of the budget of at most 100%%, such as 25%%")
	}
}

func (r *reader) scope(f scopeFields, clusters []yamlx.At[string]) Scope {
	patterns := func(fields []yamlx.At[string]) []string {
		var out []string
		for _, p := range fields {
			if err := glob.CheckName(p.V); err != nil {
				r.fail(p.Pos, "%v", err)
			}
			out = append(out, p.V)
		}
		return out
	}
	return Scope{SLOs: patterns(f.SLOs), Match: f.Match, Clusters: patterns(clusters)}
}

func (r *reader) exemption(x exemptionFields) Exemption {
	e := Exemption{Scope: r.scope(x.Scope, x.Clusters), Name: x.Name.V, Reason: r.reason(x.Reason), By: x.By, Allow: x.Allow,
		From: x.From.V.Time, Until: x.Until.V.end(), Pos: x.Pos}
	if x.Until.Set() && !e.Until.After(e.From) {
		r.fail(x.Until.Pos, "the exemption %s ends before it begins", e.Name)
	}
	return e
}

func (r *reader) correction(x correctedFields) Correction {
	c := Correction{Scope: r.scope(x.Scope, nil), Name: x.Name.V, Reason: r.reason(x.Reason), From: x.From.V.Time,
		To: x.To.V.end(), Pos: x.Pos}
	if x.From.Set() && x.To.Set() && !c.To.After(c.From) {
		r.fail(x.To.Pos, "the correction %s ends before it begins", c.Name)
	}
	return c
}

func (r *reader) reason(text yamlx.At[string]) string {
	if text.Set() && strings.TrimSpace(text.V) == "" {
		r.fail(text.Pos, "want a reason that others understand later")
	}
	return text.V
}

// share is a share of a budget as people write it, 25% or 0.25, or a multiple.
type share struct{ slo.Number }

// UnmarshalText reads the share.
func (s *share) UnmarshalText(text []byte) error {
	digits, percent := strings.CutSuffix(string(text), "%")
	n, err := slo.ParseNumber(digits)
	if percent {
		n = n.Div(slo.NewNumber(100, 1))
	}
	s.Number = n
	return err
}

// moment is a day, which counts as a whole in UTC, or an instant.
type moment struct {
	time.Time
	day bool
}

// UnmarshalText reads the moment.
func (m *moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, string(text)); err == nil && t.Year() >= 1990 && t.Year() < 2200 {
			*m = moment{t, layout == time.DateOnly}
			return nil
		}
	}
	return errors.New("want a day such as 2026-12-15 or a time such as 2026-12-15T18:00:00Z")
}

// end is when the moment is over.
func (m moment) end() time.Time {
	if m.day {
		return m.AddDate(0, 0, 1)
	}
	return m.Time
}
