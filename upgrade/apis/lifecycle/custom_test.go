package lifecycle_test

import (
	"strings"
	"testing"

	"treadmill/upgrade/apis/lifecycle"
)

// TestCustom holds the embedded table to itself: a replacement is no API that a release has removed, and comes from somewhere.
func TestCustom(t *testing.T) {
	all, err := lifecycle.LoadCustom()
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range all {
		if r, known := all[c.Replacement]; known && r.Removed != "" {
			t.Errorf("%s is replaced by %s, which is gone since %s", k, c.Replacement, r.Removed)
		}
		if !strings.HasPrefix(c.Source, "https://") {
			t.Errorf("%s: the source %q is no address", k, c.Source)
		}
	}
	if !all.Fading([]byte("cert-manager.io/v1alpha2"), []byte("Certificate")) ||
		all.Fading([]byte("cert-manager.io/v1"), []byte("Certificate")) {
		t.Error("cert-manager.io/v1alpha2 goes and v1 stays")
	}
}

// Versions that the definitions of one release serve and those of the next do not.
func TestCustomOfDefinitions(t *testing.T) {
	all, err := lifecycle.LoadCustom()
	if err != nil {
		t.Fatal(err)
	}
	for id, removed := range map[string]string{
		"karpenter.sh/v1beta1 NodePool":              "1.1",
		"karpenter.k8s.aws/v1beta1 EC2NodeClass":     "1.1",
		"gateway.networking.k8s.io/v1alpha2 Gateway": "0.8",
		"networking.x-k8s.io/v1alpha1 HTTPRoute":     "0.5",
		"longhorn.io/v1beta1 RecurringJob":           "1.9",
		"metallb.io/v1beta1 AddressPool":             "0.14",
	} {
		version, kind, _ := strings.Cut(id, " ")
		if !all.Fading([]byte(version), []byte(kind)) {
			t.Errorf("%s is not known", id)
		}
		found := false
		for k, c := range all {
			found = found || k.String() == id && c.Removed == removed
		}
		if !found {
			t.Errorf("%s is not removed in %s", id, removed)
		}
	}
}

func TestCustomRefusesWhatIsWrong(t *testing.T) {
	for line, want := range map[string]string{
		"a.b\tv1":                                  "2 columns",
		"a.b\tv1\tK\tx\t1.0\t-\trumour\t-\ts":      `evidence "rumour"`,
		"core\tv1\tK\tx\t1.0\t-\tstated\t-\ts":     "a group with a dot",
		"a.b\tv1\tK\tx\t-\t-\tstated\t-\ts":        "neither deprecated nor removed",
		"a.b\tv1\tK\tx\tsoon\t-\tstated\t-\ts":     `release "soon"`,
		"a.b\tv1\tK\tx\t1.0\t-\tstated\ta.b/v2\ts": `replacement "a.b/v2"`,
	} {
		if err := (lifecycle.Customs{}).Add("f", line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}
