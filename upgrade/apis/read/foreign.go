package read

import (
	"bytes"
	"fmt"

	"treadmill/internal/diag"
)

// Foreign is the ID of a finding that says that a document which cannot be read is no manifest, so that it does not matter.
const Foreign = "input/foreign"

// PassOver is what is said instead of findings of what could not be read in a document that is no manifest: its text does not have both
// of the words without which there is no object, or it is JSON with comments, which no Kubernetes tool takes, without an object. A file
// that was named and is in no such format was meant to be read: ok is false, and what is wrong with it stays.
func PassOver(d Document, heads Heads, findings []diag.Finding) (said diag.Finding, ok bool) {
	if d.Made != nil || d.Template || len(findings) == 0 || heads.any() {
		return said, false
	}
	format, commented := "valid YAML", false
	switch text := bytes.TrimLeft(d.Text, " \t\r\n"); {
	case findings[0].ID == Template:
		format = "a manifest but a template"
	case findings[0].ID != diag.Syntax:
		return said, false
	case len(text) > 0 && (text[0] == '{' || text[0] == '[' || text[0] == '/'):
		format = "valid JSON"
		if plain, ok := uncommented(d.Text); ok {
			p := parser{file: d.File}
			p.json(plain, d.Line)
			if commented = len(p.findings) == 0 && !p.objects.any(); commented {
				format = "plain JSON but has comments"
			}
		}
	}
	if !commented && (!d.Met || mayHold(d.Text, format == "valid YAML")) {
		return said, false
	}
	return passed(findings[0].Position, fmt.Sprintf("is not %s, and names no object of Kubernetes: passed over", format)), true
}

func passed(at diag.Position, why string) diag.Finding {
	return diag.Finding{ID: Foreign, Severity: diag.Info, Position: at, Message: why}
}

// mayHold reports whether a text has the words that every object has, or either of them, as a manifest that is cut off may.
func mayHold(text []byte, either bool) bool {
	version, kind := bytes.Contains(text, []byte("apiVersion")), bytes.Contains(text, []byte("kind"))
	return version && kind || either && (version || kind) || bytes.Contains(text, []byte(`\u`))
}

// any reports whether there is an object that names its API.
func (l Heads) any() bool {
	for h := range l.Objects() {
		_ = h
		return true
	}
	return false
}

// uncommented takes the comments and the commas before closing brackets out of JSON, leaving everything else at its place.
// ok is false when there are none.
func uncommented(doc []byte) (plain []byte, ok bool) {
	plain = bytes.Clone(doc)
	blank := func(from, to int) {
		for ; from < to; from++ {
			if plain[from] != '\n' {
				plain[from] = ' '
			}
		}
		ok = true
	}
	comma := -1
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case c == '"':
			for i++; i < len(doc) && doc[i] != '"' && doc[i] != '\n'; i++ {
				if doc[i] == '\\' {
					i++
				}
			}
			comma = -1
		case c == '/' && i+1 < len(doc) && (doc[i+1] == '/' || doc[i+1] == '*'):
			end := commentEnd(doc, i)
			blank(i, end)
			i = end - 1
		case c == ',':
			comma = i
		case (c == '}' || c == ']') && comma >= 0:
			blank(comma, comma+1)
			comma = -1
		case c > ' ':
			comma = -1
		}
	}
	return plain, ok
}

// commentEnd is where a comment that begins at a place ends.
func commentEnd(doc []byte, at int) int {
	end, skip := []byte("\n"), 0
	if doc[at+1] == '*' {
		end, skip = []byte("*/"), 2
	}
	if n := bytes.Index(doc[at+2:], end); n >= 0 {
		return at + 2 + n + skip
	}
	return len(doc)
}

// PassedOver makes one finding of all that say that documents were passed over, and one of those that say that a tool puts objects together.
func PassedOver(findings []diag.Finding) []diag.Finding {
	first, n := map[string]int{}, map[string]int{}
	out := findings[:0]
	for _, f := range findings {
		if f.ID == Foreign || f.ID == Embedded {
			if n[f.ID]++; n[f.ID] > 1 {
				continue
			}
			first[f.ID] = len(out)
		}
		out = append(out, f)
	}
	for id, what := range map[string]string{Foreign: "documents", Embedded: "places"} {
		if n[id] > 1 {
			out[first[id]].Message += fmt.Sprintf(" (the first of %d such %s)", n[id], what)
		}
	}
	return out
}
