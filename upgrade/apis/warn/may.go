package warn

import (
	"bytes"
	"strings"
)

// May reports whether a text that holds an object of a kind may have something to warn of, so that it is worth parsing.
// It looks at the bytes only, and is never wrong when it says no.
func (t *Table) May(kind string, text []byte) bool {
	f, known := t.finders[kind]
	if !known {
		f = t.any
	}
	if f.in(text) {
		return true
	}
	switch kind {
	case "PersistentVolumeClaim":
		return fractional(text)
	case "StatefulSet":
		if fractional(text) {
			return true
		}
	}
	if _, ok := podAt(kind); !ok {
		return false
	}
	return bytes.Count(text, []byte("containerPort")) > 1 || fractional(text) || redefines(text)
}

// MayName reports whether the name of an object of a kind may be warned of.
func MayName(kind string, name []byte) bool {
	if _, ok := podAt(kind); !ok {
		return false
	}
	return len(name) > 63 || bytes.IndexByte(name, '.') >= 0
}

// look returns texts of which one stands in every object that a rule is about; none for those that May looks for itself.
func look(r *Rule) []string {
	switch r.test {
	case "env", "ports", "name", "fraction", "-":
		if r.Name == "port-host" {
			return []string{"hostIP"}
		}
		return nil
	case "key", "suffix", "is":
		return []string{r.arg}
	case "label":
		return []string{
			"beta.kubernetes.io/",
			"node-role.kubernetes.io/master",
			"app.kubernetes.io/created-by",
			"scheduler.alpha.kubernetes.io/preferAvoidPods",
		}
	case "seccomp":
		return []string{"seccomp.security.alpha.kubernetes.io/"}
	case "apparmor":
		return []string{apparmorContainer}
	case "ingress-class":
		return []string{ingressClass}
	case "contains":
		return []string{"TZ="}
	case "paths":
		return []string{"projected", "items"}
	case "tls":
		return []string{"kubernetes.io/tls"}
	case "indexed":
		return []string{"Indexed"}
	}
	// A key on the way, the last one unless that is not there, or is short and stands everywhere.
	last := strings.TrimRight(r.path[len(r.path)-1], "[]{}")
	if r.test == "unset" || len(last) < 6 && len(r.path) > 1 {
		last = strings.TrimRight(r.path[len(r.path)-2], "[]{}")
	}
	return []string{last}
}

// fractional reports whether the amount on a line about memory or storage may be no whole number of bytes.
func fractional(text []byte) bool {
	for _, word := range [][]byte{[]byte("memory"), []byte("storage")} {
		for rest := text; ; {
			i := bytes.Index(rest, word)
			if i < 0 {
				break
			}
			line := rest[i:]
			if end := bytes.IndexByte(line, '\n'); end >= 0 {
				line = line[:end]
			}
			if mayFraction(line) {
				return true
			}
			rest = rest[i+len(word):]
		}
	}
	return false
}

// mayFraction reports whether a line has a digit before a small unit, or a decimal point.
func mayFraction(line []byte) bool {
	for i := 1; i < len(line); i++ {
		if before := line[i-1]; before < '0' || before > '9' {
			continue
		}
		switch line[i] {
		case 'm', 'u', 'n', '.', 'e', 'E':
			return true
		}
	}
	return len(line) < len("memory: 1") || bytes.IndexByte(line, ':') == len(bytes.TrimRight(line, " \r"))-1
}

// redefines reports whether a list of variables may name one twice. Lists that are not written one key a line are not seen
// through: they may.
func redefines(text []byte) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte("env"))
		if i < 0 {
			return false
		}
		start := bytes.LastIndexByte(rest[:i], '\n') + 1
		line, after, _ := bytes.Cut(rest[start:], []byte("\n"))
		rest = rest[i+3:]
		key := bytes.TrimLeft(line, " -")
		switch value, ok := bytes.CutPrefix(key, []byte("env:")); {
		case !ok && bytes.ContainsAny(line, "{\"'"):
			return true
		case !ok:
		case len(bytes.TrimSpace(value)) > 0:
			return true
		case twice(after, len(line)-len(key)):
			return true
		}
	}
}

// twice reports whether the items of a list under a key of an indent have the same name.
func twice(lines []byte, indent int) bool {
	seen := map[string]bool{}
	for line := range bytes.Lines(lines) {
		line = bytes.TrimRight(line, " \r\n")
		trimmed := bytes.TrimLeft(line, " ")
		if depth := len(line) - len(trimmed); len(trimmed) > 0 && (depth < indent || depth == indent && trimmed[0] != '-') {
			break
		}
		if bytes.ContainsAny(trimmed, "{&*") || len(seen) > maxWarnings {
			return true
		}
		if name, ok := bytes.CutPrefix(bytes.TrimLeft(trimmed, "- "), []byte("name:")); ok {
			name = bytes.Trim(name, " \"'")
			if seen[string(name)] {
				return true
			}
			seen[string(name)] = true
		}
	}
	return false
}
