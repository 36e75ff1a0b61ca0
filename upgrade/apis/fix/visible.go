package fix

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/lifecycle"
)

const (
	byDefinition = "its selector comes from a definition, which may not be empty"
	noSpec       = "its text does not show its spec"
	notShown     = "its text does not show that "
)

// field is a key of an object's spec in the text of a template: what stands on its line, and the lines below it.
type field struct {
	value string
	below []string
}

// empty reports whether nothing is written in a field.
func (f field) empty() bool {
	v := strings.TrimSpace(strings.Trim(f.value, "{} "))
	return v == "" && len(f.below) == 0
}

// specOf are the keys of the spec in the text of one object, as far as they stand there; ok is false when it has no spec in the first
// column. Lines that hold nothing but an action of the template are passed over.
func specOf(src []byte) (fields map[string]field, ok bool) {
	fields = map[string]field{}
	indent, key := -1, ""
	for line := range bytes.Lines(src) {
		text := strings.TrimRight(string(line), "\r\n ")
		body := strings.TrimLeft(text, " ")
		switch in := len(text) - len(body); {
		case body == "" || body[0] == '#' || strings.HasPrefix(body, "{{"):
			if ok && key != "" && strings.HasPrefix(body, "{{") && strings.Contains(body, "indent") {
				f := fields[key]
				f.below = append(f.below, body)
				fields[key] = f
			}
		case in == 0:
			ok = strings.HasPrefix(body, "spec:") || ok && indent < 0
			if indent >= 0 {
				return fields, true
			}
		case !ok:
		case indent < 0 || in == indent && body[0] != '-':
			indent = in
			name, value, _ := strings.Cut(body, ":")
			key = name
			fields[key] = field{value: strings.TrimSpace(value)}
		case in >= indent:
			f := fields[key]
			f.below = append(f.below, body)
			fields[key] = f
		}
	}
	return fields, ok && indent >= 0
}

// visible looks whether the text of a template shows that an object means the same in the API that replaces its own, though that is not
// so for every object. The note says what to look at even so; the reason says what the text does not show.
func visible(api lifecycle.API, src []byte, version int) (note, reason string) {
	spec := certain(src, version)
	if spec == nil {
		return "", noSpec
	}
	switch api.Kind {
	case "PodDisruptionBudget":
		return selected(spec, notShown+"it has a selector that is not empty: an empty one matches no pod in "+api.Version+" and every pod in v1")
	case "CronJob":
		switch schedule := literal(yamlx.Child(spec, "schedule")); {
		case schedule == "":
			return "", notShown + "its schedule names no time zone (TZ=), which batch/v1 refuses; the schedule comes from values or stands in a condition"
		case strings.Contains(schedule, "TZ"):
			return "", "its schedule names a time zone, which batch/v1 refuses; write it to spec.timeZone (Kubernetes 1.27 and later)"
		}
		return "", ""
	case "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet":
		return workloadText(api, src, spec)
	}
	return "", "more than its version has to change (" + api.RewriteReason + "), which takes the rendered object"
}

func selected(spec *yaml.Node, need string) (note, reason string) {
	switch written, byText := selecting(yamlx.Child(spec, "selector")); {
	case !written:
		return "", need
	case !byText:
		return byDefinition, ""
	}
	return "", ""
}

// workloadText looks at the selector and at the strategy of a workload, whose defaults differ.
func workloadText(api lifecycle.API, src []byte, spec *yaml.Node) (note, reason string) {
	for _, gone := range []string{"rollbackTo:", "templateGeneration:"} {
		if bytes.Contains(src, []byte(gone)) {
			return "", notShown + "it has no " + strings.TrimSuffix(gone, ":") + ", which apps/v1 does not have"
		}
	}
	if note, reason = selected(spec, notShown+"it has a selector, which apps/v1 requires"); reason != "" || api.Version == "v1beta2" {
		return note, reason
	}
	switch api.Kind {
	case "DaemonSet", "StatefulSet":
		if literal(yamlx.Child(yamlx.Child(spec, "updateStrategy"), "type")) == "" {
			return "", notShown + "it has a type of updateStrategy; apps/v1 has another default, which rolls changes out by itself"
		}
		return note, ""
	case "Deployment":
		if api.Group == "extensions" && bytes.Contains(src, []byte("strategy:")) && !paced(yamlx.Child(spec, "strategy")) {
			return "", notShown + "its strategy is Recreate or has maxSurge and maxUnavailable; apps/v1 has other defaults for them (25 % for 1)"
		}
	}
	also := "apps/v1 has other defaults: strategy (25 %), progressDeadlineSeconds (600), revisionHistoryLimit (10)"
	if note != "" {
		also = note + "; " + also
	}
	return also, ""
}

// paced reports whether a strategy leaves nothing to defaults that differ.
func paced(strategy *yaml.Node) bool {
	rolling := yamlx.Child(strategy, "rollingUpdate")
	return literal(yamlx.Child(strategy, "type")) == "Recreate" ||
		literal(yamlx.Child(rolling, "maxSurge")) != "" && literal(yamlx.Child(rolling, "maxUnavailable")) != ""
}

var (
	sources = regexp.MustCompile(`(?m)^\s*(?:-\s+)?(?:pods|object|external|containerResource|metricName|metricSelector|targetValue):`)
	targets = regexp.MustCompile(`(?m)^( +)(targetAverage(?:Utilization|Value)):[ \t]*(\S.*?)[ \t]*(\r?)$`) //nolint:misspell // the API spells it so
	opened  = regexp.MustCompile(`(?m)^\s*(?:- )?(?:spec|metrics|resource|- ?):?[ \t]*\{\{`)
)

// metrics rewrites the targets of an autoscaler in the text of a template, where all of its metrics are written and of resources of pods.
func metrics(src []byte) (changed []byte, reason string) {
	_, spec, found := bytes.Cut(append([]byte("\n"), src...), []byte("\nspec:"))
	switch {
	case !found:
		return src, noSpec
	case opened.Match(append([]byte("spec:"), spec...)), poured(spec):
		return src, notShown + "its metrics have the fields of autoscaling/v2, as some of them come from values or a definition"
	case sources.Match(src):
		return src, notShown + "all of its metrics are of resources of pods; the fields of the others have moved, which takes the rendered object"
	}
	changed = targets.ReplaceAllFunc(src, func(line []byte) []byte {
		m := targets.FindSubmatch(line)
		kind, name := "Utilization", "averageUtilization" //nolint:misspell // the API spells it so
		if strings.HasSuffix(string(m[2]), "Value") {
			kind, name = "AverageValue", "averageValue"
		}
		end, in := string(m[4])+"\n", string(m[1])
		return []byte(in + "target:" + end + in + "  type: " + kind + end + in + "  " + name + ": " + string(m[3]) + string(m[4]))
	})
	if bytes.Contains(changed, []byte("targetAverage")) {
		return src, notShown + "each target of its metrics stands on a line of its own, without a list mark or brackets"
	}
	return changed, ""
}

// poured reports whether a line of a text is what an action makes and nothing else, or begins with a key that an action makes.
func poured(spec []byte) bool {
	for _, m := range action.FindAllIndex(spec, -1) {
		if len(bytes.TrimLeft(lineOf(spec[:m[0]]), " \t-")) == 0 && !control.MatchString(inside(spec[m[0]:m[1]])) {
			return true
		}
	}
	return false
}
