package sloth

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

//go:embed plugins.tsv
var pluginTable string

// common is what the IDs of the published library of SLI plugins begin with.
const common = "sloth-common/"

// known is a plugin of that library.
type known struct {
	needs, may  []string
	good        bool // the part is good events
	part, total string
}

// plugins are those of the library, by what follows common in their IDs. Two more make numbers up, and so have nothing to count.
func plugins() map[string]known {
	out := map[string]known{}
	for line := range strings.Lines(pluginTable) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 6 {
			continue
		}
		words := func(s string) []string { return strings.Fields(strings.TrimPrefix(s, "-")) }
		out[f[0]] = known{needs: words(f[1]), may: words(f[2]), good: f[3] == "good", part: f[4], total: f[5]}
	}
	return out
}

// indicator is what a plugin counts, with its options put in.
func (p plugin) indicator() (slo.Indicator, []diag.Finding) {
	all := plugins()
	k, ok := all[strings.TrimPrefix(p.ID, common)]
	switch {
	case p.ID == common+"noop" || p.ID == common+"fake":
		return slo.Indicator{}, []diag.Finding{
			diag.Errorf("spec/plugin", p.Pos,
				"the SLI plugin %q makes numbers up, so there are no events to count; write queries under sli.events", p.ID),
		}
	case !ok || !strings.HasPrefix(p.ID, common):
		var names []string
		for name := range all {
			names = append(names, common+name)
		}
		slices.Sort(names)
		return slo.Indicator{}, []diag.Finding{diag.Errorf("spec/plugin", p.Pos, "the SLI plugin %q is Go source that only Sloth runs; %s", p.ID,
			yamlx.DidYouMean(p.ID, names, "run `sloth generate` once, take the queries out of its output and write them under sli.events"))}
	}
	options, findings := k.options(p)
	if diag.Any(findings, diag.Error) {
		return slo.Indicator{}, findings
	}
	query := func(text string) slo.Query { return slo.Query{Text: k.filled(text, options), Pos: p.Pos} }
	in := slo.Indicator{Total: query(k.total), Bad: query(k.part)}
	if k.good {
		in.Good, in.Bad = in.Bad, slo.Query{}
	}
	return in, findings
}

// options are those of a plugin, with those that are left out.
func (k known) options(p plugin) (map[string]string, []diag.Finding) {
	var findings []diag.Finding
	out := map[string]string{}
	for _, word := range k.may {
		name, value, _ := strings.Cut(word, "=")
		out[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(p.Options)) {
		_, may := out[name]
		if !may && !slices.Contains(k.needs, name) {
			findings = append(findings, diag.Finding{ID: "spec/plugin", Severity: diag.Warning, Position: p.Pos,
				Message: fmt.Sprintf("the SLI plugin %q has no option %q, so nothing comes of it", p.ID, name)})
			continue
		}
		if value := strings.TrimSpace(p.Options[name]); value != "" {
			out[name] = value
		}
	}
	fail := func(format string, args ...any) {
		findings = append(findings, diag.Errorf("spec/plugin", p.Pos, "the SLI plugin %q "+format, append([]any{p.ID}, args...)...))
	}
	for _, name := range k.needs {
		if out[name] == "" {
			fail("needs the option %q", name)
		}
	}
	for name, value := range out {
		if _, err := regexp.Compile(value); strings.HasSuffix(name, "_regex") && err != nil {
			fail("has an option %q that is no regular expression: %v", name, err)
		}
	}
	if _, err := strconv.ParseFloat(out["bucket"], 64); out["bucket"] != "" && err != nil {
		fail("has a bucket %q that is no number", out["bucket"])
	}
	if _, err := strconv.ParseBool(out["exclude_errors"]); out["exclude_errors"] != "" && err != nil {
		fail("has exclude_errors %q, which is neither true nor false", out["exclude_errors"])
	}
	return out, findings
}

// filled is a query of a plugin with its options.
func (k known) filled(text string, options map[string]string) string {
	filter := strings.Trim(options["filter"], "{}, ")
	if exclude, _ := strconv.ParseBool(options["exclude_errors"]); exclude {
		filter = strings.Trim(filter+`,code!~"5.."`, ",")
	}
	pairs := []string{"{%,", "{" + filter + ",", "{%}", "{" + filter + "}"}
	if filter == "" {
		pairs = []string{"{%,", "{", "{%}", ""}
	}
	for name, value := range options {
		pairs = append(pairs, "$"+name, value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
