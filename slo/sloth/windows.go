package sloth

import (
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Windows is an AlertWindows file: the period of Sloth's SLOs and the windows of their alerts, which Sloth takes from a
// folder of such files (https://sloth.dev/usage/slo-period-windows/, read 2026-11).
type Windows struct {
	Period slo.Window
	Policy slo.Policy
	Pos    diag.Position
}

type windowsFile struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   *yaml.Node       `yaml:"metadata"`
	Spec       struct {
		Period yamlx.At[slo.Window] `yaml:"sloPeriod,required"`
		Page   windowsOf            `yaml:"page,required"`
		Ticket windowsOf            `yaml:"ticket,required"`
	} `yaml:"spec,required"`
}

type windowsOf struct {
	Quick windowPair `yaml:"quick,required"`
	Slow  windowPair `yaml:"slow,required"`
}

type windowPair struct {
	Share yamlx.At[slo.Number] `yaml:"errorBudgetPercent,required"`
	Short yamlx.At[slo.Window] `yaml:"shortWindow,required"`
	Long  yamlx.At[slo.Window] `yaml:"longWindow,required"`
}

// IsWindows reports whether a document is an AlertWindows file.
func IsWindows(root *yaml.Node) bool {
	return yamlx.Text(root, "kind") == "AlertWindows"
}

// DecodeWindows reads one AlertWindows file. Whether its pairs can work depends on the objective; compiling says it.
func DecodeWindows(doc yamlx.Document) (Windows, []diag.Finding) {
	var f windowsFile
	findings := yamlx.Decode(doc, &f)
	w := Windows{Period: f.Spec.Period.V, Pos: yamlx.Position(doc.File, doc.Root)}
	if p := f.Spec.Period; p.Set() && p.V < slo.Day {
		findings = append(findings, diag.Errorf("spec/period", p.Pos, "a period of %s is too short for burn rates; want at least 1d", p.V))
	}
	for _, of := range []struct {
		severity slo.Severity
		pairs    windowsOf
	}{{slo.Page, f.Spec.Page}, {slo.Ticket, f.Spec.Ticket}} {
		for _, p := range []windowPair{of.pairs.Quick, of.pairs.Slow} {
			findings = append(findings, p.check(w.Period)...)
			w.Policy = append(w.Policy,
				slo.Pair{Severity: of.severity, Share: p.Share.V.Div(slo.NewNumber(100, 1)), Long: p.Long.V, Short: p.Short.V})
		}
	}
	return w, findings
}

func (p windowPair) check(period slo.Window) []diag.Finding {
	var out []diag.Finding
	if s := p.Share; s.Set() && (s.V.Cmp(slo.NewNumber(0, 1)) <= 0 || s.V.Cmp(slo.NewNumber(100, 1)) > 0) {
		out = append(out, diag.Errorf("spec/windows", s.Pos,
			"errorBudgetPercent must be above 0 and at most 100, the share of the period's budget that is spent when the alert fires"))
	}
	if p.Long.V > 0 && p.Short.V >= p.Long.V {
		out = append(
			out,
			diag.Errorf("spec/windows", p.Short.Pos,
				"the short window of %s must be shorter than the long one of %s, a twelfth of it as a rule", p.Short.V, p.Long.V),
		)
	}
	if p.Long.Set() && period > 0 && p.Long.V > period {
		out = append(out, diag.Errorf("spec/windows", p.Long.Pos, "a window of %s is longer than the period of %s", p.Long.V, period))
	}
	return out
}

// Apply gives SLOs the period and the windows of an AlertWindows file: the only one, or of several the one for 30 days,
// which is Sloth's default.
func Apply(slos []slo.SLO, files []Windows) ([]slo.SLO, []diag.Finding) {
	if len(files) == 0 {
		return slos, nil
	}
	if len(slos) == 0 {
		return nil, []diag.Finding{{ID: "spec/windows", Severity: diag.Info, Position: files[0].Pos,
			Message: "the windows can be read; they are for SLOs of Sloth, and there is none among the files"}}
	}
	use := files[0]
	if len(files) > 1 {
		found := 0
		for _, w := range files {
			if w.Period == Period {
				use = w
				found++
			}
		}
		if found != 1 {
			return nil, []diag.Finding{
				diag.Errorf("spec/windows", files[1].Pos,
					"there are %d AlertWindows files and %d of them for %s, so which one Sloth's SLOs take is not known; give one of them alone",
					len(files), found, Period),
			}
		}
	}
	for i := range slos {
		slos[i].Period.Length, slos[i].Policy = use.Period, use.Policy
	}
	return slos, nil
}
