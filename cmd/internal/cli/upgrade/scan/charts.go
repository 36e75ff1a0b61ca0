package scan

import (
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/render/helm"
)

// chartFlags say how charts are rendered.
type chartFlags struct {
	from        app.Minor
	values, set []string
	apis        []string
}

func (f *chartFlags) add(c *cobra.Command) {
	c.Flags().Var(&f.from, "from", "Kubernetes version now: charts are rendered for it too")
	c.Flags().StringArrayVar(&f.values, "values", nil, "values file for charts; may be repeated, the last counts most")
	c.Flags().StringArrayVar(&f.set, "set", nil, "value for charts, such as ingress.enabled=true; may be repeated")
	c.Flags().StringSliceVar(&f.apis, "api-versions", nil,
		"API that charts shall see besides those of Kubernetes, such as monitoring.coreos.com/v1; may be repeated")
}

// rendering is a reader that knows for what charts are rendered: the version now, if it is given, and the target.
func rendering(a *app.App, f chartFlags, table *lifecycle.Table, target upgrade.Minor) (apis.Reader, error) {
	var files []helm.File
	for _, name := range f.values {
		in, err := a.Read(name)
		if err != nil {
			return apis.Reader{}, err
		}
		files = append(files, helm.File{Path: in.Name, Data: in.Data})
	}
	values, err := helm.Values(files, f.set)
	if err != nil {
		return apis.Reader{}, app.Usage("the values of charts: %w", err)
	}
	r := apis.Reader{Values: values, Known: table.Half}
	if from := upgrade.Minor(f.from); !from.IsZero() && from.Less(target) {
		r.Targets = append(r.Targets, helm.Target{Version: from, APIs: slices.Concat(table.Served(from), f.apis), Known: table.Known})
	}
	r.Targets = append(r.Targets, helm.Target{Version: target, APIs: slices.Concat(table.Served(target), f.apis), Known: table.Known})
	return r, nil
}
