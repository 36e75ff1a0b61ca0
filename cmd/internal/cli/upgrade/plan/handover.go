package plan

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade/handover"
)

// handOver adds the files of every --handover FORMAT[=DIR] to those of a plan, and what they leave out to its findings.
func (v *planView) handOver(wanted []string, out map[string][]byte) {
	for _, w := range wanted {
		name, folder, given := strings.Cut(w, "=")
		if !given {
			folder = filepath.Join("handover", name)
		}
		format, _ := handover.Find(name)
		files, findings := format.Write(v.fleet, v.plan)
		for file, text := range files {
			out[filepath.Join(folder, file)] = text
		}
		v.plan.Findings = append(v.plan.Findings, findings...)
	}
}

// checkHandover refuses formats that do not exist.
func checkHandover(wanted []string) error {
	for _, w := range wanted {
		name, folder, given := strings.Cut(w, "=")
		if _, ok := handover.Find(name); !ok {
			return app.Usage("--handover %s: there is no such format: want %s", name, strings.Join(formats(), ", "))
		}
		if given && folder == "" {
			return app.Usage("--handover %s: want a folder behind the =, or no =", w)
		}
	}
	return nil
}

func formats() []string {
	var out []string
	for _, f := range handover.Formats() {
		out = append(out, f.Name)
	}
	return out
}

// addHandover adds the flag.
func addHandover(c *cobra.Command, wanted *[]string) {
	c.Flags().StringArrayVar(wanted, "handover", nil, "also write the plan for those that carry it out: FORMAT, or FORMAT=DIR "+
		"(default handover/FORMAT; may be repeated); one of "+strings.Join(formats(), ", "))
	app.CompleteFlag(c, "handover", func(*cobra.Command) []cobra.Completion { return formats() })
}
