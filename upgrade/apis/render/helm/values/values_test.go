package values_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	v2util "helm.sh/helm/v4/pkg/chart/v2/util"
	"pgregory.net/rapid"

	"treadmill/upgrade/apis/render/helm/values"
)

// keys are few, so that values of a chart, of its parent and of the user meet. db, cache and store are also charts and their alias.
var keys = []string{"db", "cache", "store", "global", "tags", "exports", "enabled", "host", "limits"}

func table(depth int) *rapid.Generator[map[string]any] {
	leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Just[any](true), rapid.Just[any](false), rapid.Just[any]("text"), rapid.Just[any](7.0),
		rapid.Just[any]([]any{"a", map[string]any{"b": nil}}))
	value := leaf
	if depth > 0 {
		value = rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) any { return table(depth-1).Draw(t, "table") }))
	}
	return rapid.MapOfN(rapid.SampledFrom(keys), value, 0, 5)
}

func chartOf(name string, depth int) *rapid.Generator[*chart.Chart] {
	return rapid.Custom(func(t *rapid.T) *chart.Chart {
		c := &chart.Chart{
			Metadata: &chart.Metadata{
				Name:       name,
				Version:    rapid.SampledFrom([]string{"1.0.0", "1.2.3", "2.0.0-rc.1"}).Draw(t, "version"),
				APIVersion: "v2",
			},
			Values: table(2).Draw(t, "values"),
		}
		if depth == 0 {
			return c
		}
		for _, sub := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"db", "cache"}), 0, 2, rapid.ID).Draw(t, "subcharts") {
			c.AddDependency(chartOf(sub, depth-1).Draw(t, sub))
		}
		c.Metadata.Dependencies = rapid.SliceOfN(dependency(), 0, 3).Draw(t, "dependencies")
		return c
	})
}

func dependency() *rapid.Generator[*chart.Dependency] {
	return rapid.Custom(func(t *rapid.T) *chart.Dependency {
		d := &chart.Dependency{
			Name:      rapid.SampledFrom([]string{"db", "cache", "absent"}).Draw(t, "name"),
			Version:   rapid.SampledFrom([]string{"", "*", "1.x", ">=2.0.0-0", "not a range"}).Draw(t, "range"),
			Alias:     rapid.SampledFrom([]string{"", "", "store"}).Draw(t, "alias"),
			Condition: rapid.SampledFrom([]string{"", "db.enabled", "store.enabled,cache.enabled", "global.host", " "}).Draw(t, "condition"),
			Tags:      rapid.SliceOfN(rapid.SampledFrom(keys), 0, 2).Draw(t, "tags"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "imports") {
			d.ImportValues = append(d.ImportValues, rapid.SampledFrom([]any{
				"host", "limits", map[string]any{"child": "limits", "parent": "limits"}, map[string]any{"child": "db", "parent": "."}, 3.0,
			}).Draw(t, "import"))
		}
		return d
	})
}

// Helm itself is asked for the same: what comes out of a chart and its values is the same, and so is what is left of the chart.
func TestValuesAreThoseOfHelm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Int().Draw(t, "chart")
		theirs, ours := chartOf("app", 2).Example(seed), chartOf("app", 2).Example(seed)
		user := table(3).Draw(t, "user")
		options := common.ReleaseOptions{Name: "app", Namespace: "shop", IsInstall: true, Revision: 1}
		want := outcome(theirs, v2util.ProcessDependencies(theirs, user))
		got := outcome(ours, values.ProcessDependencies(ours, user))
		if got != want {
			t.Fatalf("after ProcessDependencies\n%s\nwant\n%s", got, want)
		}
		made, err := util.ToRenderValuesWithSchemaValidation(theirs, user, options, nil, true)
		want = outcome(made, err)
		made, err = values.ToRenderValues(ours, user, options, nil)
		if got := outcome(made, err); got != want {
			t.Fatalf("values\n%s\nwant\n%s", got, want)
		}
	})
}

func outcome(v any, err error) string {
	type tree struct {
		Chart  any
		Values any
		Below  []string
	}
	if c, ok := v.(*chart.Chart); ok {
		t := tree{Chart: c.Metadata, Values: c.Values}
		for _, sub := range c.Dependencies() {
			t.Below = append(t.Below, outcome(sub, nil))
		}
		v = t
	}
	text, failed := json.Marshal(v)
	return fmt.Sprint(string(text), err, failed)
}

func TestVersionsFitAsInHelm(t *testing.T) {
	for _, constraint := range []string{">=1.25.0-0", "1.x", "<1.22", "", "*", "broken"} {
		for _, version := range []string{"v1.25.0", "1.21.3-gke.100", "v1.38.0", "none"} {
			if got, want := values.IsCompatibleRange(constraint, version), v2util.IsCompatibleRange(constraint, version); got != want {
				t.Errorf("%q and %q: %v, want %v", constraint, version, got, want)
			}
		}
	}
}
