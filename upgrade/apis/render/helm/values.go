package helm

import (
	"bytes"
	"fmt"

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
