package defaults_test

import (
	"os"
	"testing"

	"treadmill/rules"
	"treadmill/rules/defaults"
)

// FuzzReplace replaces, compares and overlays whatever can be read: nothing ends the run, each alert has a fate, and no rule is lost
// but those that are gone.
func FuzzReplace(f *testing.F) {
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, true, false)
	f.Add(
		[]byte(
			"groups:\n- name: x\n  rules:\n  - {alert: A, expr: up == 0}\n  - {alert: KubeAPIDown, expr: 'absent(up{job=\"apiserver\"})'}\n  - {alert: Watchdog, expr: vector(1)}\n",
		),
		false,
		true,
	)
	f.Add([]byte("groups:\n- name: x\n  labels: {severity: none}\n  rules:\n  - {record: a, expr: b}\n"), true, true)
	table, _ := defaults.Known()
	f.Fuzz(func(t *testing.T, data []byte, changed, accepted bool) {
		files, _ := rules.Read("r.yaml", data)
		all := len(rules.Rules(files))
		for _, platform := range []defaults.Platform{{}, {Has: []string{"remote-ruler"}, Presets: defaults.Presets()}} {
			o := defaults.ReplaceOptions{Platform: platform, Changed: changed}
			if accepted {
				o.Accepted = []rules.File{}
			}
			r := defaults.Replace(files, table, o)
			gone := 0
			for _, fate := range r.Fates {
				if fate.Gone {
					gone++
				}
			}
			if left := len(rules.Rules(r.Files)); left+gone != all {
				t.Errorf("%d rules left and %d gone of %d", left, gone, all)
			}
			defaults.Overlay(files, r, nil, defaults.CurrentChart())
			defaults.UpgradeSilence(r.Fates)
			defaults.Diff(files, r.Files, table)
		}
	})
}
