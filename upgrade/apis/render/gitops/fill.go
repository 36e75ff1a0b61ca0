package gitops

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
)

var (
	slotPattern   = regexp.MustCompile(`\{\{\s*([^{}\s]+)\s*\}\}`)
	labelPattern  = regexp.MustCompile(`[^a-z0-9.-]+`)
	actionPattern = regexp.MustCompile(`\{\{-?\s*(?:range|block|define|template)\b`)
)

// fill puts parameters into a template of an Application and returns a copy.
func fill(n *yaml.Node, params map[string]any, goTemplate bool) (*yaml.Node, error) {
	out := *n
	out.Content = nil
	if n.Kind == yaml.AliasNode {
		return fill(n.Alias, params, goTemplate)
	}
	if n.Kind == yaml.ScalarNode {
		text, err := fillText(n.Value, params, goTemplate)
		if out.Value = text; text != n.Value {
			out.Tag = "!!str"
		}
		return &out, err
	}
	for _, c := range n.Content {
		filled, err := fill(c, params, goTemplate)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, filled)
	}
	return &out, nil
}

// fillText puts parameters into a text: {{name}}, or, with goTemplate, as templates of Go. Only what needs no loop is known of these.
func fillText(text string, params map[string]any, goTemplate bool) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	if !goTemplate {
		all := flat(params)
		return slotPattern.ReplaceAllStringFunc(text, func(slot string) string {
			if v, ok := all[slotPattern.FindStringSubmatch(slot)[1]]; ok {
				return v
			}
			return slot
		}), nil
	}
	if actionPattern.MatchString(text) {
		return "", fmt.Errorf("%q has a loop", text)
	}
	t, err := template.New("").Option("missingkey=default").Funcs(functions()).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, params); err != nil {
		return "", err
	}
	return b.String(), nil
}

// functions are those of a template of Go that Argo CD adds and that are common.
func functions() template.FuncMap {
	return template.FuncMap{
		"normalize": normalize, "slugify": normalize, "lower": strings.ToLower, "upper": strings.ToUpper, "trim": strings.TrimSpace,
		"replace":    func(old, with, s string) string { return strings.ReplaceAll(s, old, with) },
		"trimPrefix": func(prefix, s string) string { return strings.TrimPrefix(s, prefix) },
		"trimSuffix": func(suffix, s string) string { return strings.TrimSuffix(s, suffix) },
		"default": func(other any, v any) any {
			if v == nil || v == "" {
				return other
			}
			return v
		},
		"quote": func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
	}
}

// normalize makes a text fit for the name of an object.
func normalize(s string) string {
	return strings.Trim(labelPattern.ReplaceAllString(strings.ToLower(s), "-"), "-.")
}

// flat writes the tables among parameters as names with dots.
func flat(params map[string]any) map[string]string {
	out := map[string]string{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				walk(strings.TrimPrefix(prefix+"."+k, "."), inner)
			}
		case nil:
		default:
			out[prefix] = fmt.Sprint(v)
		}
	}
	walk("", params)
	return out
}
