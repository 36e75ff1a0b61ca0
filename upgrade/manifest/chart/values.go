package chart

import (
	"bytes"
	"fmt"

	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"
)

// Values joins values files, the later above the earlier, and settings such as "ingress.enabled=true" above both, as helm
// does for --values and --set.
func Values(files []File, settings []string) (map[string]any, error) {
	all := map[string]any{}
	for _, f := range files {
		v, err := loader.LoadValues(bytes.NewReader(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		all = loader.MergeMaps(all, v)
	}
	for _, s := range settings {
		if err := strvals.ParseInto(s, all); err != nil {
			return nil, fmt.Errorf("set %q: %w", s, err)
		}
	}
	return all, nil
}
