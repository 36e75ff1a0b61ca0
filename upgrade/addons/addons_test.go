package addons_test

import (
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

func embedded(t testing.TB) (addons.Table, windows.Table) {
	t.Helper()
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return table, calendar
}

// TestEveryRowHasASource: each row names a source that the add-on lists with a day, and a range that is one.
func TestEveryRowHasASource(t *testing.T) {
	table, _ := embedded(t)
	if n := len(table.Addons()); n < 60 {
		t.Errorf("%d add-ons, want about 60", n)
	}
	for _, a := range table.Addons() {
		if len(a.Releases) == 0 && a.Unpublished() == "" || a.Title == "" || a.Page == "" {
			t.Errorf("%s has no releases and no word on why, no title or no page", a.Name)
		}
		for _, r := range a.Releases {
			if s, ok := a.Source(r.Source); !ok || s.Read == 0 || s.Title == "" {
				t.Errorf("%s %s: source %q is not dated", a.Name, r.Version, r.Source)
			}
			var again addons.Range
			if err := again.UnmarshalText([]byte(r.Kubernetes.String())); err != nil || again != r.Kubernetes {
				t.Errorf("%s %s: range %q: %v", a.Name, r.Version, r.Kubernetes, err)
			}
		}
		if x := a.Retired; x != nil {
			if _, ok := a.Source(x.Source); !ok || x.Date == 0 || len(x.Instead) == 0 {
				t.Errorf("%s: the retirement has no source, day or way out", a.Name)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	table, _ := embedded(t)
	for _, c := range []struct {
		name, version string
		at            int
		want          addons.Fit
		reason        string
	}{
		{"cert-manager", "1.16.3", 32, addons.Compatible, "is tested on Kubernetes 1.25-1.32"},
		{"certmanager", "v1.16.3", 33, addons.Incompatible, "not 1.33"},
		{"cert-manager", "1.21.0", 32, addons.Incompatible, "not 1.32"},
		{"dapr", "1.14.0", 35, addons.Unknown, "dapr: not published: no range by release"},
		{"cert-manager", "1.5.0", 24, addons.Unknown, "does not have cert-manager 1.5.0"},
		{"cert-manager", "1.5.0", 33, addons.Incompatible, "by the release next to it"}, // 1.12 ends at 1.32
		{"cert-manager", "1.40.0", 36, addons.Unknown, "newer than the table"},
		{"metrics-server", "0.8.1", 40, addons.Compatible, "runs on"},
		{"metrics-server", "0.8.1", 30, addons.Incompatible, "not 1.30"},
		{"metrics-server", "0.5.0", 36, addons.Compatible, "runs on"},
		{"external-secrets", "2.11.0", 33, addons.Compatible, "best effort"},
		{"external-secrets", "2.11.0", 37, addons.Incompatible, "not 1.37"},
		{"external-secrets", "2.10.1", 36, addons.Compatible, "by the release next to it"}, // between 2.9 and 2.11
		{"velero", "1.18.0", 36, addons.Unknown, "was tested on"},
		{"coredns", "1.11.3", 37, addons.Unknown, "is installed with"},
		{"kube-prometheus-stack", "90.1.0", 36, addons.Compatible, "runs on"},
		{"cluster-autoscaler", "1.35.0", 36, addons.Incompatible, "goes with"},
		{"cluster-autoscaler", "1.38.1", 38, addons.Compatible, "goes with Kubernetes 1.38"},
		{"cluster-autoscaler", "1.38.1", 39, addons.Incompatible, "not 1.39"},
		{"no-such-thing", "1.0.0", 36, addons.Unknown, "does not have"},
		{"cilium", "latest", 36, addons.Unknown, "not a version"},
	} {
		got := table.Check(c.name, c.version, upgrade.V1(c.at))
		if got.Fit != c.want || !strings.Contains(got.Reason, c.reason) {
			t.Errorf("%s %s on 1.%d: %s, %q; want %s, %q", c.name, c.version, c.at, got.Fit, got.Reason, c.want, c.reason)
		}
		if got.Fit != addons.Unknown && got.Source == "" {
			t.Errorf("%s %s on 1.%d has no source", c.name, c.version, c.at)
		}
	}
}

func TestBridge(t *testing.T) {
	table, calendar := embedded(t)
	for _, c := range []struct {
		name, version string
		from          int
		want          addons.Kind
		path          string
	}{
		{"cert-manager", "1.16.3", 31, addons.Nothing, ""},
		{"cert-manager", "1.16.3", 32, addons.Bridge, "1.17"},
		{"cert-manager", "1.17.0", 33, addons.Bridge, "1.18 1.19"}, // one minor of its own at a time
		{"cert-manager", "1.16.3", 35, addons.Gap, "1.17 1.18 1.19 1.20 1.21"},
		{"cert-manager", "1.21.0", 36, addons.Blocked, ""},
		{"karpenter", "1.5.0", 33, addons.Bridge, "1.6"},
		{"karpenter", "1.2.0", 35, addons.Bridge, "1.13"},  // any step
		{"longhorn", "1.10.2", 33, addons.Gap, "1.11"},     // 1.12 supports both, and 1.11 before it does not
		{"cert-manager", "1.21.0", 30, addons.Nothing, ""}, // too new already
		{"ingress-nginx", "1.12.1", 32, addons.Bridge, "1.13"},
		{"ingress-nginx", "1.15.0", 35, addons.Migrate, ""},
		{"cluster-autoscaler", "1.36.0", 36, addons.After, "1.37"},
		{"velero", "1.18.0", 35, addons.Unsure, ""},
		{"no-such-thing", "1.0.0", 35, addons.Unsure, ""},
	} {
		got := table.Bridge(c.name, c.version, upgrade.V1(c.from), upgrade.V1(c.from+1), calendar)
		if got.Kind != c.want || strings.Join(got.Path, " ") != c.path {
			t.Errorf("%s %s from 1.%d: %s %v (%s); want %s %q", c.name, c.version, c.from, got.Kind, got.Path, got.Reason, c.want, c.path)
		}
	}
}

func TestItinerary(t *testing.T) {
	table, calendar := embedded(t)
	kinds := func(name, version string, from, last int) string {
		var out []string
		for _, s := range table.Itinerary(name, version, upgrade.V1(from), upgrade.V1(last), calendar) {
			out = append(out, s.Kind.String()+s.Version)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		name, version string
		from, last    int
		want          string
	}{
		{"cert-manager", "1.16.3", 31, 38, "none bridge1.17 bridge1.19 none bridge1.21 blocked blocked"},
		{"ingress-nginx", "1.12.1", 32, 39, "bridge1.13 bridge1.14 bridge1.15 migrate none none none"},
		{"kube-proxy", "1.32.1", 34, 36, "none bridge1.33"},
		{"cilium", "1.20.0", 36, 36, ""},
	} {
		if got := kinds(c.name, c.version, c.from, c.last); got != c.want {
			t.Errorf("%s %s: %s; want %s", c.name, c.version, got, c.want)
		}
	}
}

// TestForecast: by the past of the project where there is one, never before the data was read, and wider than the floor.
func TestForecast(t *testing.T) {
	table, calendar := embedded(t)
	cilium, ok := table.Forecast("cilium", upgrade.V1(37), calendar)
	if !ok || cilium.Day.String() != "2027-02-02" || cilium.Note != "by what cilium took for 1.34" || cilium.Status != windows.Projected {
		t.Errorf("cilium for 1.37: %+v", cilium)
	}
	if d, ok := table.Forecast("istio", upgrade.V1(36), calendar); !ok || d.Status != windows.Actual || d.Day.String() != "2026-05-18" {
		t.Errorf("istio has 1.36 already: %+v", d)
	}
	for _, a := range table.Addons() {
		if _, ready := a.First(upgrade.V1(39)); ready {
			continue
		}
		d, ok := table.Forecast(a.Name, upgrade.V1(39), calendar)
		w, _ := calendar.Window(windows.Upstream, upgrade.V1(39))
		if !ok || d.Day < a.Read() || d.Earliest() < w.Available.Earliest() || d.Late < 14 {
			t.Errorf("%s for 1.39: %+v; 1.39 comes on %s", a.Name, d, w.Available.Day)
		}
	}
	if _, ok := table.Forecast("cilium", upgrade.V1(99), calendar); ok {
		t.Error("a minor that the calendar does not have has a forecast")
	}
}

// TestForecastsInThePast walks forward over every history: the rule that docs/addons.md states, the better of the season and the mean of
// three in an add-on's own past, must not be worse than guessing the mean of all.
func TestForecastsInThePast(t *testing.T) {
	table, calendar := embedded(t)
	n, chosen, mean := 0, 0, 0
	for _, a := range table.Addons() {
		lags := a.Lags(calendar)
		seasonMissed, threeMissed, sum := 0, 0, 0
		for i, l := range lags {
			three := 0
			for _, x := range lags[max(0, i-3):i] {
				three += x.Days
			}
			season := -1
			for _, x := range lags[:i] {
				if x.Minor == l.Minor.Add(-3) {
					season = x.Days
				}
			}
			if season >= 0 {
				guess := season
				three = (three + min(3, i)/2) / min(3, i)
				if threeMissed < seasonMissed {
					guess = three
				}
				n, chosen, mean = n+1, chosen+abs(guess-l.Days), mean+abs(sum/i-l.Days)
				seasonMissed, threeMissed = seasonMissed+abs(season-l.Days), threeMissed+abs(three-l.Days)
			}
			sum += l.Days
		}
	}
	t.Logf("%d forecasts: mean error %d days by the rule, %d by the mean of all", n, chosen/n, mean/n)
	if n < 10 || chosen > mean {
		t.Errorf("%d forecasts miss by %d days in all, the mean of all by %d", n, chosen, mean)
	}
}

func abs(n int) int { return max(n, -n) }

func TestMatchers(t *testing.T) {
	table, _ := embedded(t)
	for ref, want := range map[string]string{
		"quay.io/jetstack/cert-manager-controller:v1.16.3":                     "cert-manager 1.16.3 true",
		"registry.example:5000/mirror/quay.io/cilium/cilium:v1.17.2@sha256:00": "cilium 1.17.2 true",
		"registry.k8s.io/ingress-nginx/controller:v1.12.1":                     "ingress-nginx 1.12.1 true",
		"registry.k8s.io/coredns/coredns:v1.12.0":                              "coredns 1.12.0 true",
		"docker.io/istio/pilot@sha256:00":                                      "istio  true",
		"docker.io/istio/pilot:latest":                                         "istio  true",
		"docker.io/library/nginx:1.27":                                         "  false",
		"example.com/notcilium/cilium-like:1.0":                                "  false",
		"":                                                                     "  false",
	} {
		name, version, ok := table.Image(ref)
		if got := strings.TrimSuffix(strings.Join([]string{name, version,
			map[bool]string{true: "true", false: "false"}[ok]}, " "), ""); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
	if name, version, ok := table.Chart("kube-prometheus-stack", "88.5.3", "v0.93.1"); name != "kube-prometheus-stack" ||
		version != "88.5.3" ||
		!ok {
		t.Errorf("chart by its own version: %s %s %v", name, version, ok)
	}
	if name, version, ok := table.Chart("tigera-operator", "v3.31.0", "v3.31.0"); name != "calico" || version != "3.31.0" || !ok {
		t.Errorf("chart by appVersion: %s %s %v", name, version, ok)
	}
	if _, _, ok := table.Chart("nginx", "1", "1"); ok {
		t.Error("a chart of no add-on is one")
	}
}

const ours = `version: 1
addon: argocd
sources:
  us: {title: "our tests", read: 2026-11-20}
releases:
  - {version: "3.5", kubernetes: 1.33-1.37, semantics: tested, confidence: high, source: us}
---
version: 1
addon: our-operator
minorStep: 1
sources:
  us: {title: "our tests", read: 2026-11-20}
releases:
  - {version: 4.2, kubernetes: 1.30-1.34, semantics: tested, confidence: high, source: us, released: 2025-10-01}
`

func TestMerge(t *testing.T) {
	table, _ := embedded(t)
	over, findings := addons.Read("ours.yaml", []byte(ours))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	merged := table.Merge(over)
	if v := merged.Check("argo-cd", "3.5.1", upgrade.V1(37)); v.Fit != addons.Compatible || v.Source != "us" {
		t.Errorf("the user's row does not win: %+v", v)
	}
	a, _ := merged.Addon("argo-cd")
	if a.MinorStep != 1 || len(a.Releases) != 7 || !slices.Contains(a.Images, "argoproj/argocd") {
		t.Errorf("what the user does not give is lost: %+v", a)
	}
	if v := merged.Check("our-operator", "4.2.0", upgrade.V1(35)); v.Fit != addons.Incompatible {
		t.Errorf("the user's add-on: %+v", v)
	}
	if v := table.Check("argo-cd", "3.5.1", upgrade.V1(37)); v.Fit != addons.Incompatible {
		t.Error("merging changed the table it was laid over")
	}
}

func TestReadFindsEveryProblem(t *testing.T) {
	_, findings := addons.Read("bad.yaml", []byte(`version: 2
addon: thing
minorStep: 12
sources:
  site: {title: "x", read: 2026-11-20}
releases:
  - {version: one, kubernetes: 1.30-1.34, semantics: tested, confidence: high, source: site}
  - {version: "1.2", kubernetes: 1.34-1.30, semantics: tested, confidence: high, source: site}
  - {version: "1.3", kubernetes: 1.30+, semantics: tested, confidence: high, source: site}
  - {version: "1.4", kubernetes: 1.30-1.31, semantics: minimum, confidence: high, source: site}
  - {version: "1.5", kubernetes: 1.30-1.31, semantics: sure, confidence: high, source: sight}
  - {version: "1.6", kubernetes: 1.30-1.31, semantics: tested, confidence: high, source: site}
  - {version: "v1.6.0", kubernetes: 1.30-1.31, semantics: tested, confidence: high, source: site}
`))
	var got []string
	for _, f := range findings {
		got = append(got, f.ID+":"+f.Position.String())
	}
	want := "addons/version:bad.yaml:1:10 addons/number:bad.yaml:3:12 addons/release:bad.yaml:7:15 input/value:bad.yaml:8:34 " +
		"addons/range:bad.yaml:9:34 addons/range:bad.yaml:10:34 input/value:bad.yaml:11:56 addons/unknown-source:bad.yaml:11:88 addons/duplicate:bad.yaml:13:5"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if _, findings := addons.Read("empty.yaml", nil); len(findings) != 1 || findings[0].ID != diag.Syntax {
		t.Errorf("an empty file: %v", findings)
	}
}

const patched = `version: 1
addon: scaler
title: Scaler
page: https://example.com
sources: {site: {title: "x", read: 2026-09-01}}
releases:
  - {version: "1.0", kubernetes: "-1.30", semantics: tested, confidence: high, source: site, released: 2024-08-01}
  - {version: "1.0.5", kubernetes: "-1.31", semantics: tested, confidence: high, source: site, released: 2024-09-20}
  - {version: "2.1.4", kubernetes: "1.30-1.35", semantics: tested, confidence: high, source: site, released: 2026-01-20}
`

// TestPatchBounds: a row from a patch on says nothing about the patches before it, and a version without a patch is the first of its line.
func TestPatchBounds(t *testing.T) {
	table, findings := addons.Read("p.yaml", []byte(patched))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, c := range []struct {
		version string
		at      int
		want    addons.Fit
		release string
	}{
		{"1.0", 31, addons.Incompatible, "1.0"},
		{"v1.0.4", 31, addons.Incompatible, "1.0"},
		{"1.0.5", 31, addons.Compatible, "1.0.5"},
		{"1.0.9", 31, addons.Compatible, "1.0.5"},
		{"1.0.5-eksbuild.2", 31, addons.Compatible, "1.0.5"},
		{"1.0.4", 30, addons.Compatible, "1.0"},
		{"2.1.3", 35, addons.Unknown, ""},
		{"2.1.4", 35, addons.Compatible, "2.1.4"},
		{"2.1.3", 36, addons.Incompatible, "2.1.4"}, // even the patch after it is too old
	} {
		if v := table.Check("scaler", c.version, upgrade.V1(c.at)); v.Fit != c.want || v.Release != c.release {
			t.Errorf("%s on 1.%d: %s by %q (%s); want %s by %q", c.version, c.at, v.Fit, v.Release, v.Reason, c.want, c.release)
		}
	}
	_, calendar := embedded(t)
	if s := table.Bridge("scaler", "1.0.4", upgrade.V1(30), upgrade.V1(31), calendar); s.Kind != addons.Bridge || s.Version != "1.0.5" {
		t.Errorf("from 1.0.4: %+v", s)
	}
	over, _ := addons.Read("o.yaml", []byte(strings.Replace(patched[:strings.Index(patched, "  - {version: \"1.0.5\"")], "-1.30", "-1.29", 1)))
	if v := table.Merge(over).Check("scaler", "1.0.9", upgrade.V1(31)); v.Fit != addons.Incompatible {
		t.Errorf("a row of the user for the whole line does not stand instead of its patches: %+v", v)
	}
}

// TestStates: what stands behind an answer, and a forecast that has run out.
func TestStates(t *testing.T) {
	table, calendar := embedded(t)
	day := func(s string) windows.Day {
		d, err := windows.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	own, _ := addons.Read("p.yaml", []byte(patched))
	wait := own.Bridge("scaler", "2.1.4", upgrade.V1(35), upgrade.V1(36), calendar)
	late := wait.Until.Latest()
	for now, want := range map[windows.Day]addons.State{late - 1: addons.StateExpected, late: addons.StateExpected,
		late + 1: addons.StateUnconfirmed} {
		if got := wait.State(now); wait.Kind != addons.Blocked || got != want || wait.Open(now) != (want == addons.StateUnconfirmed) {
			t.Errorf("%s on %s: %s, want %s", wait.Kind, now, got, want)
		}
	}
	now := day("2026-11-30")
	for _, c := range []struct {
		name, version string
		from          int
		want          addons.State
	}{
		{"cert-manager", "1.16.3", 32, addons.StateTested},
		{"metrics-server", "0.8.1", 34, addons.StateDeclared},
		{"external-secrets", "2.10.1", 35, addons.StateExpected},
		{"ingress-nginx", "1.15.0", 35, addons.StateEnded},
		{"no-such-thing", "1.0.0", 35, addons.StateUnknown},
		{"cluster-autoscaler", "1.36.0", 36, addons.StateTested},
	} {
		s := table.Bridge(c.name, c.version, upgrade.V1(c.from), upgrade.V1(c.from+1), calendar)
		if got := s.State(now); got != c.want {
			t.Errorf("%s %s: %s (%s), want %s", c.name, c.version, got, s.Reason, c.want)
		}
	}
}
