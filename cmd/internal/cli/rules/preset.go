package rules

import (
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/rules/defaults"
)

// platformFlags say what is known of the place where rules run.
type platformFlags struct {
	presets presets
	has     []string
}

func (f *platformFlags) add(c *cobra.Command) {
	c.Flags().Var(&f.presets, "preset", "what the platform is, several by comma: "+presetNames())
	c.Flags().
		StringSliceVar(&f.has, "has", nil, "what the cluster has: ingress-nginx, envoy-gateway, hubble, component-slis, cronjob-slo, remote-ruler")
	app.CompleteFlag(c, "has", func(*cobra.Command) []cobra.Completion { return rareParts() })
}

func (f *platformFlags) platform() defaults.Platform {
	return defaults.Platform{Presets: f.presets, Has: f.has}
}

func presetNames() string {
	var names []string
	for _, p := range defaults.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// presets are kinds of platform as a flag.
type presets []defaults.Preset

func (p *presets) Type() string { return "presets" }

func (p *presets) String() string {
	var names []string
	for _, one := range *p {
		names = append(names, one.Name)
	}
	return strings.Join(names, ",")
}

// Words lists the platforms.
func (p *presets) Words() []string {
	var out []string
	for _, one := range defaults.Presets() {
		out = append(out, one.Name)
	}
	return out
}

func (p *presets) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		one, err := defaults.FindPreset(name)
		if err != nil {
			return err
		}
		*p = append(*p, one)
	}
	return nil
}
