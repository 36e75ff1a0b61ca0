package fix

import (
	"bytes"
	"regexp"
	"strings"

	"treadmill/upgrade/apis/lifecycle"
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
// so for every object. The note says what to look at all the same.
func visible(api lifecycle.API, src []byte) (note string, ok bool) {
	spec, found := specOf(src)
	if !found {
		return "", false
	}
	has := func(name string) bool { f, ok := spec[name]; return ok && !f.empty() }
	switch api.Kind {
	case "PodDisruptionBudget":
		return "", has("selector")
	case "CronJob":
		schedule := spec["schedule"]
		if strings.Contains(schedule.value, "{{") {
			note = "its schedule is a value, which may not begin with a time zone (TZ=); that has a field of its own"
		}
		return note, has("schedule") && !strings.Contains(schedule.value, "TZ=")
	case "Deployment", "ReplicaSet":
		if api.Version != "v1beta2" {
			note = "apps/v1 has other defaults: strategy (25 %), progressDeadlineSeconds (600), revisionHistoryLimit (10)"
		}
		return note, has("selector") && !has("rollbackTo")
	case "DaemonSet", "StatefulSet":
		return "", has("selector") && (api.Version == "v1beta2" || has("updateStrategy")) && !has("templateGeneration")
	}
	return "", false
}

var (
	sources = regexp.MustCompile(`(?m)^\s*(?:-\s+)?(?:pods|object|external|containerResource|metricName|metricSelector|targetValue):`)
	targets = regexp.MustCompile(`(?m)^( +)(targetAverage(?:Utilization|Value)):[ \t]*(\S.*?)[ \t]*(\r?)$`) //nolint:misspell // the API spells it so
)

// metrics rewrites the targets of an autoscaler in the text of a template, where all of its metrics are of resources of pods.
func metrics(api lifecycle.API, src []byte) ([]byte, bool) {
	if api.Kind != "HorizontalPodAutoscaler" || api.Version != "v2beta1" || sources.Match(src) {
		return src, false
	}
	return targets.ReplaceAllFunc(src, func(line []byte) []byte {
		m := targets.FindSubmatch(line)
		kind, name := "Utilization", "averageUtilization" //nolint:misspell // the API spells it so
		if strings.HasSuffix(string(m[2]), "Value") {
			kind, name = "AverageValue", "averageValue"
		}
		end, in := string(m[4])+"\n", string(m[1])
		return []byte(in + "target:" + end + in + "  type: " + kind + end + in + "  " + name + ": " + string(m[3]) + string(m[4]))
	}), true
}
