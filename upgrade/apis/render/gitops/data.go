package gitops

import (
	"encoding/base64"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// Data looks for a ConfigMap or Secret in a text of YAML documents and returns what it holds, with the data of a Secret
// decoded. ok is false when it is not there. A Secret that is encrypted is an error; errors hold none of the content.
func Data(text []byte, want From) (data map[string]string, ok bool, err error) {
	docs, _ := yamlx.Parse("", text, 1)
	for _, d := range docs {
		var o struct {
			header `yaml:",inline"`
			Data   map[string]string `yaml:"data"`
			String map[string]string `yaml:"stringData"`
			SOPS   yaml.Node         `yaml:"sops"`
		}
		if d.Root == nil || d.Root.Decode(&o) != nil || o.APIVersion != "v1" || o.Kind != want.Kind || !named(o.Metadata.Name, want.Name) ||
			want.Namespace != "" && o.Metadata.Namespace != "" && o.Metadata.Namespace != want.Namespace {
			continue
		}
		if !o.SOPS.IsZero() {
			return nil, true, fmt.Errorf("it is encrypted")
		}
		if o.Kind == "Secret" {
			for k, v := range o.Data {
				plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v))
				if err != nil {
					return nil, true, fmt.Errorf("the key %q is no base64", k)
				}
				o.Data[k] = string(plain)
			}
		}
		if o.Data == nil {
			o.Data = map[string]string{}
		}
		for k, v := range o.String {
			o.Data[k] = v
		}
		return o.Data, true, nil
	}
	return nil, false, nil
}

// Takes reports whether a source of plain manifests takes a file, by its path in the folder of the source. As in Argo CD, * in its
// patterns crosses "/".
func (s Source) Takes(name string) bool {
	return (s.Include == "" || glob.Name(s.Include, name)) && (s.Exclude == "" || !glob.Name(s.Exclude, name))
}

// named reports whether an object has a name, as it is or with the hash that a kustomization's generator puts behind it.
func named(name, want string) bool {
	hash, ok := strings.CutPrefix(name, want+"-")
	return name == want || ok && len(hash) == 10 && strings.Trim(hash, "bcdfghkmt2456789") == ""
}

// Substitute replaces ${name}, ${name:=default} and ${name:-default} in a text, as Flux does after a build; $${name} stands
// for ${name} itself. A variable that is not known and has no default becomes nothing.
func Substitute(text string, vars map[string]string) string {
	var b strings.Builder
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			return b.String() + text
		}
		end := strings.IndexByte(text[at:], '}')
		if end < 0 {
			return b.String() + text
		}
		end += at
		if at > 0 && text[at-1] == '$' {
			b.WriteString(text[:at-1] + text[at:end+1])
			text = text[end+1:]
			continue
		}
		name, rest := word(text[at+2 : end])
		value, known := vars[name]
		if given, ok := strings.CutPrefix(strings.TrimPrefix(rest, ":"), "-"); ok && value == "" {
			value = given
		} else if given, ok := strings.CutPrefix(strings.TrimPrefix(rest, ":"), "="); ok && value == "" {
			value = given
		} else if !known && (name == "" || rest != "") { // not a variable, or a function of the shell that is not known here
			value = text[at : end+1]
		}
		b.WriteString(text[:at] + value)
		text = text[end+1:]
	}
}

// word cuts the name of a variable off.
func word(s string) (name, rest string) {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'z' || n > 0 && '0' <= s[n] && s[n] <= '9') {
		n++
	}
	return s[:n], s[n:]
}
