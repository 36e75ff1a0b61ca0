package fix

import (
	"regexp"
	"strings"
)

var (
	backendKey  = regexp.MustCompile(`^( *)(- )?backend:$`)
	backendPart = regexp.MustCompile(`^( +)(serviceName|servicePort): +(\S.*)$`)
	oneAction   = regexp.MustCompile(`^\{\{ ?([^-{}][^{}]*[^-{}]|\.) ?\}\}$`)
	words       = regexp.MustCompile(`^(if|else|end|range|with|template|block|define|break|continue)\b|:=|\bquote\b|["']`)
	wholeValues = regexp.MustCompile(`\b(toYaml|tpl)\b`)
	otherValues = regexp.MustCompile(`(?i)annotations|labels|tls`)
)

// ingressTemplate rewrites the backends of an Ingress in the text of a template, where each of them has its service and port on two lines.
// Whether a port that is filled in is a number or a name is left to the template.
func ingressTemplate(src []byte) (changed []byte, notes []string, ok bool) {
	if strings.Contains(string(src), "pathType") || strings.Contains(string(src), "\r") {
		return src, nil, false
	}
	lines := strings.Split(string(src), "\n")
	out := make([]string, 0, len(lines)+8)
	backends := 0
	for i := 0; i < len(lines); i++ {
		key := backendKey.FindStringSubmatch(strings.TrimRight(lines[i], " "))
		if key == nil {
			if backendPart.MatchString(lines[i]) {
				return src, nil, false
			}
			if body := strings.TrimSpace(lines[i]); wholeValues.MatchString(body) && !otherValues.MatchString(body) {
				notes = append(notes, "paths that "+strings.Trim(body, "{}- ")+" puts there need pathType, and service.name and service.port, too")
			}
			out = append(out, lines[i])
			continue
		}
		if i+2 >= len(lines) {
			return src, nil, false
		}
		head, fine := backendHead(lines[:i], key)
		body, known := backendBody(lines[i+1], lines[i+2], len(key[1])+len(key[2]))
		if !fine || !known {
			return src, nil, false
		}
		out = append(append(out, head...), body...)
		backends++
		i += 2
	}
	if backends == 0 {
		return src, nil, false
	}
	notes = append(notes, "pathType: ImplementationSpecific is written out, which was the default")
	return []byte(strings.Join(out, "\n")), notes, true
}

// backendHead is the line of a backend, with what its path lacks before it; above are the lines before.
func backendHead(above []string, key []string) (head []string, ok bool) {
	column := strings.Repeat(" ", len(key[1])+len(key[2]))
	const kind = "pathType: ImplementationSpecific"
	if key[2] != "" {
		return []string{key[1] + "- " + kind, column + "backend:"}, true
	}
	for i := len(above) - 1; i >= 0; i-- {
		text := strings.TrimRight(above[i], " ")
		body := strings.TrimLeft(text, " ")
		in := len(text) - len(body)
		switch {
		case body == "" || body[0] == '#' || strings.HasPrefix(body, "{{"):
		case strings.HasPrefix(body, "- ") && in+2 == len(column):
			return []string{column + kind, column + "backend:"}, strings.HasPrefix(body, "- path:")
		case in >= len(column):
		default:
			return []string{column + "defaultBackend:"}, body == "spec:" && in == 0
		}
	}
	return nil, false
}

// backendBody is what a backend has, given the two lines below it and the column of its key.
func backendBody(first, second string, column int) (body []string, ok bool) {
	a, b := backendPart.FindStringSubmatch(strings.TrimRight(first, " ")), backendPart.FindStringSubmatch(strings.TrimRight(second, " "))
	if a == nil || b == nil || a[1] != b[1] || a[2] == b[2] || len(a[1]) <= column {
		return nil, false
	}
	name, port := a[3], b[3]
	if a[2] == "servicePort" {
		name, port = port, name
	}
	in := a[1]
	switch action := oneAction.FindStringSubmatch(port); {
	case strings.Contains(name, " #"):
		return nil, false
	case action != nil && !words.MatchString(strings.TrimSpace(action[1])):
		value := strings.TrimSpace(action[1])
		port = `{{ if regexMatch "^[0-9]+$" (` + value + ` | toString) }}number{{ else }}name{{ end }}: {{ ` + value + ` }}`
	case strings.Trim(port, "0123456789") == "":
		port = "number: " + port
	case portName.MatchString(port):
		port = "name: " + port
	default:
		return nil, false
	}
	return []string{in + "service:", in + "  name: " + name, in + "  port:", in + "    " + port}, true
}
