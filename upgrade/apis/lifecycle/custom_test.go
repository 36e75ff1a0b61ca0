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

// What the releases of add-ons serve no more.
func TestCustomRemoved(t *testing.T) {
	all, err := lifecycle.LoadCustom()
	if err != nil {
		t.Fatal(err)
	}
	for k, removed := range map[lifecycle.GVK]string{
		{Group: "karpenter.sh", Version: "v1beta1", Kind: "NodePool"}:              "1.1",
		{Group: "karpenter.k8s.aws", Version: "v1beta1", Kind: "EC2NodeClass"}:     "1.1",
		{Group: "gateway.networking.k8s.io", Version: "v1alpha2", Kind: "Gateway"}: "0.8",
		{Group: "networking.x-k8s.io", Version: "v1alpha1", Kind: "HTTPRoute"}:     "0.5",
		{Group: "longhorn.io", Version: "v1beta1", Kind: "RecurringJob"}:           "1.9",
		{Group: "metallb.io", Version: "v1beta1", Kind: "AddressPool"}:             "0.14",
	} {
		if all[k].Removed != removed || !all.Fading([]byte(k.APIVersion()), []byte(k.Kind)) {
			t.Errorf("%s is not removed in %s", k, removed)
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
