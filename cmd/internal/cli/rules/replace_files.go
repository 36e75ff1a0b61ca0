package rules

import (
	"bytes"
	"path/filepath"
	"slices"

	"treadmill/cmd/internal/report"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/promtest"
	"treadmill/rules/defaults"
	"treadmill/slo"
	"treadmill/slo/openslo"
)

// replacing is a replacement in both of its steps.
type replacing struct {
	installed     []rules.File
	burnIn, final defaults.Replacement
	slos          []compile.Result
	guards        []rules.File
}

func newReplacing(files []rules.File, f replaceFlags) (*replacing, error) {
	table, _ := defaults.Known()
	r := &replacing{installed: files, burnIn: defaults.Replace(files, table, f.options)}
	f.options.Final = true
	r.final = defaults.Replace(files, table, f.options)
	r.guards, _ = defaults.Guards()
	chosen, _ := defaults.Pack(table, f.platform, f.has)
	for _, s := range chosen {
		if !s.Chosen {
			continue
		}
		some, err := compiledSLO(s)
		if err != nil {
			return nil, err
		}
		r.slos = append(r.slos, some...)
	}
	return r, nil
}

// compiledSLO compiles a platform SLO, at the severities that the stack's routes know.
func compiledSLO(s defaults.PlatformSLO) ([]compile.Result, error) {
	name, data, err := s.Spec()
	if err != nil {
		return nil, err
	}
	docs, _ := yamlx.Documents(name, data)
	specs, _ := openslo.Decode(slices.Values(docs))
	var out []compile.Result
	for _, spec := range specs {
		spec.Alerting.Page = slo.Route{Labels: map[string]string{"severity": "critical"}}
		spec.Alerting.Ticket = slo.Route{Labels: map[string]string{"severity": "warning"}}
		out = append(out, compile.Compile(spec, compile.Options{}))
	}
	return out, nil
}

// platform are the rules of the platform SLOs.
func (r *replacing) platform() []rules.Set {
	var sets []rules.Set
	for _, s := range r.slos {
		sets = append(sets, rules.Set{Name: "slo-" + s.SLO.ID, Groups: s.Groups})
	}
	return sets
}

// values is the overlay of the chart for one of the steps.
func (r *replacing) values(step defaults.Replacement) []byte {
	beside := []rules.Set{{Name: "treadmill-platform"}, {Name: "treadmill-guards"}}
	for _, s := range r.platform() {
		beside[0].Groups = append(beside[0].Groups, s.Groups...)
	}
	for _, f := range r.guards {
		beside[1].Groups = append(beside[1].Groups, f.Groups...)
	}
	return defaults.Overlay(r.installed, step, beside)
}

// files are the files of a replacement by their path below the folder.
func (r *replacing) files(format rules.Format, view report.View) (map[string][]byte, error) {
	out := map[string][]byte{}
	for folder, step := range map[string]defaults.Replacement{"1-burn-in": r.burnIn, "2-final": r.final} {
		out[filepath.Join(folder, "rules", "kept.yaml")] = format.Append([]byte{}, ruleSets(step.Files)...)
		out[filepath.Join(folder, "rules", "platform.yaml")] = format.Append([]byte{}, atHome(r.installed, r.platform())...)
		out[filepath.Join(folder, "rules", "guards.yaml")] = format.Append([]byte{}, atHome(r.installed, ruleSets(r.guards))...)
		out[filepath.Join(folder, "values.yaml")] = r.values(step)
	}
	by := []string{}
	for _, s := range r.slos {
		by = append(by, s.By...)
		for name, text := range promtest.Of(s, compile.Options{}).Files {
			out[filepath.Join("tests", name)] = text
		}
	}
	slices.Sort(by)
	out["alertmanager.yaml"] = defaults.Alertmanager(slices.Compact(by))
	if silence := defaults.UpgradeSilence(r.burnIn.Fates); silence != nil {
		out["upgrade-silence.sh"] = silence.Script()
	}
	for name, format := range map[string]report.Format{"report.md": report.Markdown, "report.html": report.HTML} {
		var b bytes.Buffer
		if err := report.Write(&b, format, view, report.Style{}); err != nil {
			return nil, err
		}
		out[name] = b.Bytes()
	}
	return out, nil
}
