package helm

import (
	"bytes"
	"fmt"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"
)

// Values joins values files, the later above the earlier, and settings such as "ingress.enabled=true" above both, as helm
// does for --values and --set.
func Values(files []File, settings []string) (map[string]any, error) {
	var layers []Layer
	for _, f := range files {
		layers = append(layers, Layer{File: f})
	}
	for _, s := range settings {
		layers = append(layers, Layer{Set: s})
	}
	return Join(layers)
}

// Layer is a part of the values of a chart: a file, or one setting.
type Layer struct {
	File File
	Set  string // as helm's --set; "" for a file
	Text bool   // the setting is a text whatever it looks like, as with helm's --set-string
}

// Join puts layers one above the other, the first lowest.
func Join(layers []Layer) (map[string]any, error) {
	all := map[string]any{}
	for _, l := range layers {
		if l.Set != "" {
			parse := strvals.ParseInto
			if l.Text {
				parse = strvals.ParseIntoString
			}
			if err := parse(l.Set, all); err != nil {
				return nil, fmt.Errorf("set %q: %w", l.Set, err)
			}
			continue
		}
		v, err := loader.LoadValues(bytes.NewReader(l.File.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.File.Path, err)
		}
		all = loader.MergeMaps(all, v)
	}
	return all, nil
}

// over puts values above others.
func over(base, above map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range above {
		if inner, ok := asTable(v); ok {
			if below, ok := asTable(out[k]); ok {
				v = over(below, inner)
			}
		}
		out[k] = v
	}
	return out
}

// asTable is a value as a table, whatever type Helm gave it.
func asTable(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case common.Values:
		return v, true
	}
	return nil, false
}
