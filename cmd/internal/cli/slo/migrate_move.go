package slo

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/migrate"
	"treadmill/rules/swap"
	"treadmill/slo"
	"treadmill/slo/spec"
)

// migration is SLOs on their way from a tool.
type migration struct {
	from       migrate.Tool
	flags      migrateFlags
	now        time.Time
	moved      []moved
	families   [][]*compile.Draft
	comparison *comparison // nil without a history
	findings   []diag.Finding
}

// moved is an SLO as it was and as it is in the new spec.
type moved struct {
	old, now slo.SLO
	text     []byte // of the new spec
}

func (m *migration) find(s slo.SLO, id string, severity diag.Severity, message string) {
	m.findings = append(m.findings, diag.Finding{ID: id, Severity: severity, Position: s.Pos, Message: s.ID + message})
}

// move writes every SLO as OpenSLO, and drafts the rules of what is read back.
func (m *migration) move(results []compile.Result) {
	taken := map[string]string{}
	for _, r := range results {
		switch {
		case len(r.Groups) == 0: // which a finding says
		case r.SLO.Dialect != string(m.from):
			m.find(r.SLO, "migrate/dialect", diag.Error, " is a spec of "+r.SLO.Dialect+", and --from says "+string(m.from)+": give the specs of each tool in a run of their own")
		default:
			one, ok := m.one(r.SLO)
			if other, twice := taken[one.now.ID]; ok && twice {
				m.find(r.SLO, "convert/refused", diag.Error, " cannot be converted: it would have the name "+one.now.ID+" in OpenSLO, as "+other+" has: rename one")
			} else if ok {
				taken[one.now.ID] = r.SLO.ID
				m.moved = append(m.moved, one)
			}
		}
	}
	var all []slo.SLO
	for _, one := range m.moved {
		s := one.now
		s.Object = one.old.Object // where the operator finds the rules; the spec itself has no place for it
		all = append(all, s)
	}
	drafts := compile.Prepare(all, compile.Options{})
	for _, d := range drafts {
		for _, f := range d.Findings {
			if f.Severity == diag.Error { // others were said of the old spec
				m.findings = append(m.findings, f)
			}
		}
	}
	m.families = compile.Families(drafts)
}

// one writes an SLO and reads it back.
func (m *migration) one(s slo.SLO) (moved, bool) {
	out := moved{old: s}
	text, lost, err := convert(s, "openslo")
	if err != nil {
		m.find(s, "convert/refused", diag.Error, " cannot be converted: "+err.Error())
		return out, false
	}
	docs, findings := yamlx.Documents(s.Pos.File, text)
	back, problems := spec.Read(slices.Values(docs))
	for _, f := range append(findings, problems...) {
		if f.Severity == diag.Error {
			m.find(s, "convert/refused", diag.Error, " cannot be converted: "+f.Message)
			return out, false
		}
	}
	if len(lost) > 0 {
		m.find(s, "convert/lost", diag.Warning, ": not carried over: "+strings.Join(lost, "; "))
	}
	out.text, out.now = text, back[0]
	m.values(s)
	return out, true
}

// values says where the value of an alert was rewritten, and what of it is another number.
func (m *migration) values(s slo.SLO) {
	for _, t := range s.AlertTexts() {
		if text, err := rules.ScaleValue(t.Text, "* 1"); err != nil || text == t.Text {
			continue
		}
		m.findings = append(m.findings, diag.Finding{ID: "migrate/value", Severity: diag.Info, Position: t.Pos, Message: s.ID + ": " + t.Name +
			" uses the value of the alert, which is the burn now: it is rewritten to the share of bad events, over the long window instead of the short one"})
	}
}

func (m *migration) specFile(s slo.SLO) string {
	return filepath.Join(m.flags.out, "slos", s.File()+".yaml")
}

func (m *migration) rulesFile(family []*compile.Draft) string {
	return filepath.Join(m.flags.out, "rules", family[0].SLO.File()+".yaml")
}

// files are the new specs and rules by their paths. One that would take the place of a file that was read is refused.
func (m *migration) files(args []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if m.flags.out == "" {
		return out, nil
	}
	for _, one := range m.moved {
		out[m.specFile(one.now)] = one.text
	}
	format := rules.Format(m.flags.format)
	for _, family := range m.families {
		s := family[0].SLO
		set := rules.Set{Name: "slo-" + s.Local(), Namespace: s.Object.Namespace, Labels: swap.Managed(s.Object.Labels, nil),
			Groups: compile.Groups(family)}
		out[m.rulesFile(family)] = format.Append(nil, set)
	}
	read := slices.Concat(args, m.flags.old)
	for _, one := range m.moved {
		read = append(read, one.old.Pos.File)
	}
	for path := range out {
		if slices.ContainsFunc(read, func(name string) bool { return filepath.Clean(name) == filepath.Clean(path) }) {
			return nil, app.Usage("--out %s: %s is among the files that are read: give another folder", m.flags.out, path)
		}
	}
	return out, nil
}
