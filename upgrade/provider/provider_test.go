package provider_test

import (
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/provider"
	"treadmill/upgrade/windows"
)

func table(t *testing.T) windows.Table {
	t.Helper()
	out, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every row names a channel of the embedded table, and has its source and the day on which it was read.
func TestActsAreOfKnownChannels(t *testing.T) {
	known := table(t)
	rows := map[string]bool{}
	for _, a := range provider.Acts() {
		p, ok := known.Provider(a.Provider)
		if !ok || a.Read == 0 || !strings.HasPrefix(a.Source, "https://") || a.Does == "" || a.Until == "" {
			t.Errorf("%+v", a)
		}
		found := a.Channel == "none"
		for _, c := range p.Channels {
			found = found || c.Name == a.Channel
		}
		if key := a.Provider + "/" + a.Channel; !found || rows[key] {
			t.Errorf("%s: no such channel, or twice", key)
		} else {
			rows[key] = true
		}
	}
	for _, name := range []string{"gke", "eks", "aks"} {
		p, _ := known.Provider(name)
		for _, c := range p.Channels {
			if !rows[name+"/"+c.Name] {
				t.Errorf("nothing is said of %s in the channel %s", name, c.Name)
			}
		}
	}
}

// Days that the providers published, by hand.
func TestDaysOfAutomaticUpgrades(t *testing.T) {
	known := table(t)
	for _, c := range []struct {
		provider, channel string
		minor             int
		want              string // "" for none
	}{
		{"eks", "", 33, "2027-07-29"},         // the upgrade policy EXTENDED is the default of the API
		{"eks", "standard", 34, "2026-12-02"}, // STANDARD: at the end of standard support
		{"eks", "extended", 31, "2026-11-26"},
		{"gke", "", 34, "2027-01-25"},
		{"gke", "extended", 34, "2027-11-25"},
		{"aks", "", 34, "2027-06-01"}, // 60 days after 2026-11-30, and platform-initiated upgrades begin in June
		{"aks", "standard", 35, "2027-06-01"},
		{"aks", "", 36, "2027-08-29"},
		{"openshift", "", 31, ""},
		{"upstream", "", 34, ""},
		{"k3s", "", 34, ""},
	} {
		p, ok := known.Provider(c.provider)
		if !ok {
			t.Fatal(c.provider)
		}
		got := ""
		if act, acts := provider.Of(p, c.channel); acts {
			w, _ := known.Window(c.provider, upgrade.V1(c.minor))
			if u, ok := act.Automatic(w); ok {
				got = u.Day.Day.String()
			}
		}
		if got != c.want {
			t.Errorf("%s %s 1.%d: %s, want %s", c.provider, c.channel, c.minor, got, c.want)
		}
	}
}

// Every row of the images has a last version, its source and the day on which it was read.
func TestImages(t *testing.T) {
	for _, x := range provider.Images() {
		if x.Last.IsZero() || x.Read == 0 || !strings.HasPrefix(x.Source, "https://") || x.Instead == "" || x.Why == "" ||
			x.Kind != "os" && x.Kind != "runtime" && x.Kind != "cgroup" {
			t.Errorf("%+v", x)
		}
	}
	for _, c := range []struct{ provider, kind, name, want string }{
		{"eks", "os", "AL2", "1.32"}, {"eks", "os", "AL2_x86_64_GPU", "1.32"}, {"eks", "os", "AL2023", ""},
		{"eks", "os", "AL2023_x86_64_STANDARD", ""}, {"gke", "os", "AL2", ""},
		{"aks", "os", "Windows2019", "1.32"}, {"aks", "os", "WindowsServer2025", ""}, {"upstream", "runtime", "containerd://1.7.28", "1.35"},
		{"eks", "runtime", "containerd 2.1.5", ""},
		{"k3s", "cgroup", "v1", "1.34"}, {"k3s", "cgroup", "v2", ""},
	} {
		x, known := provider.ImageOf(c.provider, c.kind, c.name)
		if got := x.Last.String(); known != (c.want != "") || got != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.provider, c.kind, c.name, got, c.want)
		}
	}
}
