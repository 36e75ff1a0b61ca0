package rules

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// fill writes the script that records the past into a folder, and beside it the rules of each of its passes.
func (g generation) fill(files *app.Pending, folder string) error {
	var period slo.Window
	passes := 0
	drafts := slices.Concat(g.families...)
	for _, d := range drafts {
		period, passes = max(period, d.SLO.Period.Length), max(passes, len(d.Fill()))
	}
	var names []string
	for pass := range passes {
		write := func(w io.Writer) error {
			if _, err := w.Write(rules.Prometheus.Head(nil, "")); err != nil {
				return err
			}
			return app.WriteOrdered(w, len(drafts), func(i int, b []byte) []byte {
				all := drafts[i].Fill() // made again for each pass, so that they are not held for thousands of SLOs
				if pass >= len(all) {
					return b
				}
				return rules.Prometheus.AppendSet(b, i, rules.Set{Groups: all[pass]})
			})
		}
		names = append(names, fmt.Sprintf("pass-%02d", pass+1))
		if err := files.Add(filepath.Join(folder, names[pass], "rules.yaml"), write); err != nil {
			return err
		}
	}
	return files.AddAll(folder, map[string][]byte{"backfill.sh": compile.FillScript(period, names)})
}
