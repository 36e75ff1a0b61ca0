package backtest

import (
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/sloth"
)

// variant is what is tried instead of what an SLO says.
type variant struct {
	target *slo.Objective
	policy slo.Policy
	file   string // of the policy
}

// trial is the score of one variant of an SLO.
type trial struct {
	SLO       string         `json:"slo"`
	Objective slo.Number     `json:"objective"`
	Policy    string         `json:"policy,omitempty"` // the file of its windows; "" when they stay
	Incidents int            `json:"incidents"`
	Score     backtest.Score `json:"score"`
}

// variants reads what is to be tried. A word that cannot be is a mistake in the command line, one in a file of windows a finding.
func variants(a *app.App, b *backtested) ([]diag.Finding, error) {
	var findings []diag.Finding
	for _, text := range b.flags.whatIf {
		var v variant
		for _, part := range strings.Split(text, ",") {
			key, value, _ := strings.Cut(part, "=")
			switch {
			case key == "target" && v.target == nil:
				o, err := slo.ParsePercent(strings.TrimSuffix(value, "%"))
				if err != nil {
					return nil, app.Usage("--what-if %s: %v", text, err)
				}
				v.target = &o
			case key == "policy" && v.file == "" && value != "":
				in, err := a.Read(value)
				if err != nil {
					return nil, err
				}
				policy, problems := readWindows(in.Name, in.Data)
				findings = append(findings, problems...)
				v.policy, v.file = policy, value
			default:
				return nil, app.Usage(
					"--what-if %s: want target= and an objective in percent, policy= and a file of AlertWindows, or both, such as target=99.5,policy=windows.yaml",
					text,
				)
			}
		}
		if !diag.Any(findings, diag.Error) {
			b.variants = append(b.variants, v)
		}
	}
	return findings, nil
}

// readWindows reads the policy of a file of AlertWindows.
func readWindows(name string, data []byte) (slo.Policy, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	if len(docs) != 1 || !sloth.IsWindows(docs[0].Root) {
		return nil, append(
			findings,
			diag.Finding{
				ID:       "spec/windows",
				Severity: diag.Error,
				Position: diag.Position{File: name},
				Message:  "want one document of the kind AlertWindows",
			},
		)
	}
	w, problems := sloth.DecodeWindows(docs[0])
	return w.Policy, append(findings, problems...)
}

// of is the SLO as the variant has it. The target of a composite is that of each of its components.
func (v variant) of(s slo.SLO) (slo.SLO, error) {
	if v.policy != nil {
		s.Policy = v.policy
	}
	if v.target == nil {
		return s, nil
	}
	s.Objective = *v.target
	if len(s.Components) == 0 {
		return s, nil
	}
	s.Components = slices.Clone(s.Components)
	for i := range s.Components {
		s.Components[i].Objective = *v.target
	}
	if s.Indicator.Slice.Window > 0 {
		return s, nil
	}
	var err error
	s.Objective, err = slo.Whole(s.Components)
	return s, err
}

// warmup is how far back the rules of all variants of an SLO look.
func (b *backtested) warmup(s slo.SLO) slo.Window {
	var out slo.Window
	for _, v := range b.variants {
		if other, err := v.of(s); err == nil {
			replay := compile.ReplayOf(other, compile.Options{})
			out = max(out, backtest.Warmup(&replay))
		}
	}
	return out
}

// tryOut scores the variants of an SLO over the same history. One that makes no rules is told with the reason.
func (b *backtested) tryOut(past *backtest.Past) []diag.Finding {
	var findings []diag.Finding
	for _, v := range b.variants {
		s, err := v.of(past.SLO)
		draft := compile.Prepare([]slo.SLO{s}, compile.Options{})[0]
		if err != nil || draft.Failed() {
			f := diag.Finding{ID: "backtest/what-if", Severity: diag.Warning, Position: s.Pos, Message: past.SLO.ID + ": it cannot be tried: "}
			if err != nil {
				f.Message += err.Error()
			} else {
				f.Message += draft.Findings[slices.IndexFunc(draft.Findings, func(f diag.Finding) bool { return f.Severity == diag.Error })].Message
			}
			findings = append(findings, f)
			continue
		}
		other := past.With(s)
		out := other.Run(float64(b.flags.incident), b.listed...)
		against := out.Incidents
		if b.flags.incidents != "" {
			against = b.listed
		}
		against = ofSLO(against, s.ID)
		percent := s.Objective
		if v.target != nil {
			percent = *v.target
		}
		b.trials = append(b.trials,
			trial{s.ID, percent.Mul(slo.NewNumber(100, 1)), v.file, len(against), backtest.ScoreOf(out.Alerts, against, b.now.Sub(b.since))})
	}
	return findings
}
