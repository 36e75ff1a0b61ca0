package helm

import (
	"errors"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"helm.sh/helm/v4/pkg/chart/common"
)

// errSelf is what a template ends with that would make a value without end, which no engine can print.
var errSelf = errors.New("a value is put into itself")

// bounded are the functions of templates whose result may be far larger than what they are given, or hold itself.
func (b *budget) bounded() template.FuncMap {
	sprigs := sprig.TxtFuncMap()
	out := template.FuncMap{
		"indent":  indented,
		"nindent": func(n int, s string) (string, error) { s, err := indented(n, s); return "\n" + s, err },
		"replace": func(old, with, s string) (string, error) {
			if strings.Count(s, old) > maxMade/max(1, len(with)) {
				return "", errMade
			}
			return strings.ReplaceAll(s, old, with), nil
		},
		"concat": func(lists ...any) (any, error) {
			n := 0
			for _, l := range lists {
				if v := reflect.ValueOf(l); v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
					n += v.Len()
				}
			}
			if n > maxList {
				return nil, errList
			}
			return sprigs["concat"].(func(...any) any)(lists...), nil
		},
		"join": func(sep string, list any) (string, error) {
			if v := reflect.ValueOf(list); v.Kind() == reflect.Slice && v.Len() > maxMade/max(1, len(sep)) {
				return "", errMade
			}
			return b.made(sprigs["join"].(func(string, any) string)(sep, list))
		},
		"set": func(d map[string]any, key string, value any) (map[string]any, error) {
			if holds(reflect.ValueOf(value), reflect.ValueOf(d).Pointer(), map[uintptr]bool{}) {
				return nil, errSelf
			}
			d[key] = value
			return d, nil
		},
	}
	for _, name := range []string{"regexReplaceAll", "mustRegexReplaceAll", "regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"} {
		out[name] = replacing(strings.Contains(name, "Literal"))
	}
	maps.Copy(out, merging(sprigs))
	return out
}

// indented puts spaces before each line.
func indented(n int, s string) (string, error) {
	if n > 0 && strings.Count(s, "\n")+1 > maxMade/n {
		return "", errMade
	}
	pad := strings.Repeat(" ", max(0, n))
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

// replacing is a function that replaces what a pattern finds.
func replacing(literal bool) func(pattern, s, with string) (string, error) {
	return func(pattern, s, with string) (string, error) {
		re, err := regexp.Compile(pattern)
		switch {
		case err != nil:
			return "", err
		case len(s)+1 > maxMade/max(1, len(with)):
			return "", errMade
		case literal:
			return re.ReplaceAllLiteralString(s, with), nil
		}
		return re.ReplaceAllString(s, with), nil
	}
}

// merging are the functions that put maps into another.
func merging(sprigs template.FuncMap) template.FuncMap {
	out := template.FuncMap{}
	for _, name := range []string{"merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"} {
		out[name] = func(to map[string]any, from ...map[string]any) (any, error) {
			at, seen := reflect.ValueOf(to).Pointer(), map[uintptr]bool{}
			for _, m := range from {
				for _, value := range m {
					if to != nil && holds(reflect.ValueOf(value), at, seen) {
						return nil, errSelf
					}
				}
			}
			switch f := sprigs[name].(type) {
			case func(map[string]any, ...map[string]any) (any, error):
				return f(to, from...)
			case func(map[string]any, ...map[string]any) any:
				return f(to, from...), nil
			}
			return to, nil
		}
	}
	return out
}

// holds reports whether a value is a map, or has it somewhere in it.
func holds(v reflect.Value, it uintptr, seen map[uintptr]bool) bool {
	switch v.Kind() {
	case reflect.Interface:
		return holds(v.Elem(), it, seen)
	case reflect.Map, reflect.Slice:
		if v.Kind() == reflect.Map && v.Pointer() == it {
			return true
		}
		if seen[v.Pointer()] {
			return false
		}
		seen[v.Pointer()] = true
	}
	switch v.Kind() {
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			if holds(each.Value(), it, seen) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if holds(v.Index(i), it, seen) {
				return true
			}
		}
	}
	return false
}

// tplPattern finds a template that renders another.
var tplPattern = regexp.MustCompile(`\{\{[^}]*\btpl\b`)

// watchValues puts a call of the budget into the texts of values that are templates which render others: no template of the chart stands
// between one such call and the next.
func watchValues(v any) any {
	switch v := v.(type) {
	case string:
		if tplPattern.MatchString(v) && !strings.HasPrefix(v, "{{"+tickName) {
			return "{{" + tickName + " -1}}" + v
		}
	case common.Values:
		watchValues(map[string]any(v))
	case map[string]any:
		for key, value := range v {
			v[key] = watchValues(value)
		}
	case []any:
		for i, value := range v {
			v[i] = watchValues(value)
		}
	}
	return v
}
