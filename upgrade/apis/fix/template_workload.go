package fix

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"treadmill/upgrade/apis/lifecycle"
)

var (
	labelLine    = regexp.MustCompile(`^ +["']?[A-Za-z0-9./_-]+["']?: +\S.*$`)
	opening      = regexp.MustCompile(`\{\{-? *(?:if|range|with|define|block)\b`)
	closing      = regexp.MustCompile(`\{\{-? *end\b`)
	labelsAction = regexp.MustCompile(`^\{\{-? ?(?:include|template) [^{}|]*\| ?(n?indent) (\d+) -?\}\}$`)
)

// workloadTemplate writes out, in the text of a template, what a workload without a selector took from the labels of its pods, and when its
// pods are replaced.
func workloadTemplate(api lifecycle.API, src []byte) (changed []byte, notes []string, ok bool) {
	spec, found := specOf(src)
	has := func(name string) bool { _, ok := spec[name]; return ok }
	if !found || api.Version != "v1beta1" || has("rollbackTo") || has("templateGeneration") || !has("template") ||
		has("selector") && !spec["selector"].empty() || strings.Contains(string(src), "\r") {
		return src, nil, false
	}
	lines := strings.Split(string(src), "\n")
	at, in := podTemplate(lines)
	if has("selector") || at < 0 {
		return src, nil, false
	}
	indent := strings.Repeat(" ", in)
	labels, ok := podLabels(lines[at+1:], in)
	if !ok {
		return src, nil, false
	}
	var more []string
	switch api.Kind {
	case "Deployment", "ReplicaSet":
		notes = append(notes, "apps/v1 has other defaults: strategy (25 %), progressDeadlineSeconds (600), revisionHistoryLimit (10)")
	default:
		if !has("updateStrategy") {
			more = []string{indent + "updateStrategy:", indent + "  type: OnDelete"}
			notes = append(notes, "updateStrategy: OnDelete is written out, which was the default")
		}
	}
	notes = append(notes, "its selector is written out: the labels of its pods, which may not change any more")
	more = append(append(more, indent+"selector:", indent+"  matchLabels:"), labels...)
	out := append(append(append([]string{}, lines[:at]...), more...), lines[at:]...)
	return []byte(strings.Join(out, "\n")), notes, true
}

// podTemplate is the line of the template of pods in a spec, and its indent; -1 when it is not there as plain text.
func podTemplate(lines []string) (at, indent int) {
	in, inside := -1, false
	for i, text := range lines {
		body := strings.TrimSpace(text)
		depth := len(text) - len(strings.TrimLeft(text, " "))
		switch {
		case body == "" || body[0] == '#' || strings.HasPrefix(body, "{{"):
		case depth == 0:
			inside = body == "spec:"
		case inside && (in < 0 || depth == in):
			if in = depth; body == "template:" {
				return i, in
			}
		}
	}
	return -1, 0
}

// podLabels are the labels of pods, given the lines below the key of their template and its indent, as lines of a selector beside it.
func podLabels(below []string, in int) (labels []string, ok bool) {
	path := []string{"metadata:", "labels:"}
	depth, nested := in, 0
	for i, text := range below {
		body := strings.TrimSpace(text)
		at := len(text) - len(strings.TrimLeft(text, " "))
		if body == "" || body[0] == '#' {
			continue
		}
		if len(path) > 0 {
			nested += len(opening.FindAllString(body, -1)) - len(closing.FindAllString(body, -1))
			switch {
			case strings.HasPrefix(body, "{{"):
			case at <= in || at <= depth && len(path) == 1:
				return nil, false
			case body == path[0] && nested > 0:
				return nil, false
			case body == path[0]:
				path, depth = path[1:], at
			}
			continue
		}
		if m := labelsAction.FindStringSubmatch(body); m != nil {
			if n, err := strconv.Atoi(m[2]); err != nil || n <= depth {
				return nil, false
			}
			labels = append(labels, strings.Replace(text, m[1]+" "+m[2], fmt.Sprintf("%s %d", m[1], in+4), 1))
			continue
		}
		if at <= depth && !strings.HasPrefix(body, "{{") || opening.MatchString(body) && endsBefore(below[i+1:], depth) {
			break
		}
		if !labelLine.MatchString(text) {
			return nil, false
		}
		labels = append(labels, strings.Repeat(" ", in+4)+body)
	}
	return labels, len(labels) > 0
}

// endsBefore reports whether the next line with a key stands no deeper than a column, so that a condition begins behind what is deeper.
func endsBefore(below []string, depth int) bool {
	for _, text := range below {
		if body := strings.TrimSpace(text); body != "" && body[0] != '#' {
			return !strings.HasPrefix(body, "{{") && len(text)-len(strings.TrimLeft(text, " ")) <= depth
		}
	}
	return false
}
