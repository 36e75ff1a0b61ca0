package fleet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

var now = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func none(string) ([]byte, error) { return nil, errors.New("file does not exist") }

// read reads and checks a fleet and returns its findings as lines.
func read(t *testing.T, text string) (fleet.Fleet, string) {
	t.Helper()
	f, findings := fleet.Read("dir/fleet.yaml", []byte(text), func(name string) ([]byte, error) {
		if name != "dir/good.ics" {
			return none(name)
		}
		return []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sale\nDTSTART;VALUE=DATE:20271126\nEND:VEVENT\nEND:VCALENDAR\n"), nil
	})
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	findings = append(findings, f.Check(table, now)...)
	var lines []string
	for _, x := range diag.Sort(findings) {
		lines = append(lines, x.String())
	}
	return f, strings.Join(lines, "\n")
}

const head = "version: 1\npolicy:\n  environments: [dev, prod]\n"

func TestReadFindsEveryProblemWithItsPlace(t *testing.T) {
	const one = "clusters:\n- {name: a, provider: eks, version: 1.35, environment: dev}\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown provider", head + "clusters:\n- {name: a, provider: ekz, version: 1.35}", `dir/fleet.yaml:5:23: error: unknown provider "ekz"; did you mean "eks"? [fleet/unknown-provider]`},
		{"provider far off", head + "clusters:\n- {name: a, provider: mainframe, version: 1.35}",
			"want one of upstream, ack, aks, eks, eks-anywhere, gardener, gke, iks, k3s, openshift, rke2, rosa, scaleway, talos; others can be given with --windows"},
		{"beyond", head + "clusters:\n- {name: a, provider: eks, version: 1.99}",
			"dir/fleet.yaml:5:37: error: 1.99 does not exist at eks: the newest version there is 1.37"},
		{"too new", head + "clusters:\n- {name: a, provider: eks, version: 1.38}",
			"1.38 is not available at eks yet (projected 2027-01-24): the newest version there is 1.37"},
		{"not a version", head + "clusters:\n- {name: a, provider: eks, version: new}", `dir/fleet.yaml:5:37: error: clusters[0].version: "new" is not a Kubernetes version`},
		{"old", head + "clusters:\n- {name: a, provider: eks, version: 1.16}", "1.16 is older than all versions of eks that are known"},
		{"twice", head + one + "- {name: a, provider: eks, version: 1.35}", `dir/fleet.yaml:6:10: error: there is already a cluster "a" in line 5`},
		{"environment", head + "clusters:\n- {name: a, provider: eks, version: 1.35, environment: pord}", `unknown environment "pord"; did you mean "prod"?`},
		{"circle", "version: 1\npolicy:\n  environments: [dev, prod, dev]\n" + one, `dir/fleet.yaml:3:29: error: "dev" stands twice, so that the order is a circle: dev → prod → dev`},
		{"soak", head + "  soak: {staging: 14d}\n" + one, `dir/fleet.yaml:4:19: error: soak: unknown environment "staging"`},
		{"duration", head + "  soak: {prod: two weeks}\n" + one, `policy.soak.prod: "two weeks" is not a length of time`},
		{"zone", head + "  windows: [{from: \"09:00\", to: \"16:00\", timezone: Europe/Berln}]\n" + one, `dir/fleet.yaml:4:52: error: policy.windows[0].timezone: "Europe/Berln" is not a time zone`},
		{"local zone", head + "  windows: [{from: \"09:00\", to: \"16:00\", timezone: Local}]\n" + one, `"Local" is not a time zone`},
		{"empty window", head + "  windows: [{from: \"09:00\", to: \"09:00\", timezone: UTC}]\n" + one, "the window is empty"},
		{"rrule", head + "  freezes: [{rrule: \"FREQ=NEVER\", duration: 1d}]\n" + one, "dir/fleet.yaml:4:21: error: not a recurrence: "},
		{"rrule bomb", head + "  freezes: [{rrule: \"FREQ=SECONDLY\", duration: 1d}]\n" + one,
			"FREQ=SECONDLY repeats too often: want YEARLY, MONTHLY, WEEKLY or DAILY"},
		{"freeze backwards", head + "  freezes: [{from: 2027-01-06, to: 2026-12-15}]\n" + one,
			"dir/fleet.yaml:4:36: error: the freeze ends before it begins"},
		{"freeze of two kinds", head + "  freezes: [{from: 2027-01-06, to: 2027-02-06, ics: good.ics}]\n" + one, "a freeze wants one of"},
		{"ics missing", head + "  freezes: [{ics: gone.ics}]\n" + one,
			"dir/fleet.yaml:4:19: error: the calendar dir/gone.ics cannot be read, so that its freezes are not known: file does not exist [input/unread]"},
		{"capacity", head + "  capacity: {perTeamPerWeek: -1}\n" + one, "dir/fleet.yaml:4:30: error: capacity.perTeamPerWeek is -1"},
		{"team capacity", head + "teams: {x: {perWeek: -2}}\n" + one, "teams.x.perWeek is -2"},
		{"price", head + "  costs: {hop: -3}\n" + one, `policy.costs.hop: "-3" is not an amount`},
		{"huge price", head + "  costs: {hop: 1e-1000000}\n" + one, `"1e-1000000" is not an amount`},
		{"target", head + "  target: newest\n" + one, `"newest" is not a target`},
		{"target beyond", head + "  target: \"1.99\"\n" + one, "target 1.99 lies beyond"},
		{"tier", head + "clusters:\n- {name: a, provider: aks, version: 1.35, tier: Premium}", `unknown tier "Premium"`},
		{"no order", head + "  soak: {production: 14d}\n" + one, `unknown environment "production"; did you mean "prod"?`},
		{"no policy", "version: 1\nclusters:\n- {name: a, provider: gke, version: 1.35, environment: production}",
			`unknown environment "production"; did you mean "prod"?`},
		{"channel", head + "clusters:\n- {name: a, provider: gke, version: 1.35, channel: regluar}", `unknown channel "regluar"; did you mean "regular"? at gke`},
		{"nodes newer", head + "clusters:\n- {name: a, provider: eks, version: 1.35, nodes: [{name: n, version: 1.36}]}",
			"dir/fleet.yaml:5:70: error: nodes n run 1.36, newer than their control plane's 1.35"},
		{"nodes too old", head + "clusters:\n- {name: a, provider: gke, version: 1.35, nodes: [{name: n, version: 1.32}]}",
			"warning: nodes n run 1.32, more than 2 minors behind"},
		{"unknown field", head + "clusters:\n- {name: a, provider: eks, version: 1.35, enviroment: dev}", `there is no field "enviroment"; did you mean "environment"?`},
		{"scope", head + "  freezes: [{from: 2027-01-06, to: 2027-02-06, clusters: {team: nobody}}]\n" + one, "warning: no cluster matches this"},
		{"format", "version: 2\n" + one, "version 2 is not known"},
		{"empty", "", "dir/fleet.yaml:1: error: the file is empty"},
		{"two documents", head + one + "---\nversion: 1\n", "a fleet file is one document"},
	} {
		if _, got := read(t, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestOneBadClusterLeavesTheOthers(t *testing.T) {
	f, got := read(
		t,
		head+"clusters:\n- {name: a, provider: eks, version: x}\n- {name: b, provider: amazon-eks, version: 1.35}\n- {name: c, provider: ekz, version: 1.35}\n",
	)
	if f.Broken || f.Left != 2 || len(f.Clusters) != 1 || f.Clusters[0].Provider.V != "eks" {
		t.Errorf("got %+v\n%s", f, got)
	}
	if f, _ := read(t, head+"  margin: x\nclusters:\n- {name: b, provider: eks, version: 1.35}\n"); !f.Broken {
		t.Error("a policy that is not understood must not be planned by")
	}
}

func TestFreezesBecomeSpans(t *testing.T) {
	for _, c := range []struct{ freeze, want string }{
		{"from: 2026-12-15, to: 2027-01-06", "2026-12-14T23:00Z–2027-01-06T23:00Z"},
		{"from: 2026-12-15, to: 2027-01-06, timezone: UTC", "2026-12-15T00:00Z–2027-01-07T00:00Z"},
		{"from: 2026-12-15T18:00:00Z, to: 2026-12-16T06:00:00Z", "2026-12-15T18:00Z–2026-12-16T06:00Z"},
		{`rrule: "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-5", duration: 5d`, "2026-12-26T23:00Z–2026-12-31T23:00Z 2027-03-26T23:00Z–2027-03-31T22:00Z " +
			"2027-06-25T22:00Z–2027-06-30T22:00Z 2027-09-25T22:00Z–2027-09-30T22:00Z"},
		{"ics: good.ics", ""},
	} {
		f, problems := read(t, head+"  windows: [{from: \"09:00\", to: \"16:00\", timezone: Europe/Berlin}]\n  freezes: [{"+c.freeze+"}]\n")
		if strings.Contains(problems, "error") {
			t.Errorf("%s: %s", c.freeze, problems)
			continue
		}
		var got []string
		for _, s := range f.Policy.Freezes[0].Spans(calendar.Span{From: now, To: now.AddDate(0, 11, 0)}) {
			got = append(got, s.From.UTC().Format("2006-01-02T15:04Z")+"–"+s.To.UTC().Format("2006-01-02T15:04Z"))
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s: got %s, want %s", c.freeze, g, c.want)
		}
	}
}

func TestMoneyIsExact(t *testing.T) {
	for text, want := range map[string]string{"0.50": "0.50", "1500": "1500", "0.1": "0.10", "0.000001": "0.000001", "12.345": "12.345"} {
		var m fleet.Money
		if err := m.UnmarshalText([]byte(text)); err != nil || m.String() != want {
			t.Errorf("%s: got %s, %v", text, m, err)
		}
	}
}

// The usual order of environments holds where the policy gives none, and its soaks with it; names that are not of it have no order.
func TestTheUsualOrderTakesSoaks(t *testing.T) {
	text := func(soak string) []byte {
		return []byte(
			"version: 1\npolicy: {soak: {" + soak + ": 7d}}\nclusters: [{name: a, provider: eks, version: \"1.35\", environment: dev, group: g}]\n",
		)
	}
	f, findings := fleet.Read("fleet.yaml", text("prod"), nil)
	if rank, ok := f.Policy.Rank("prod"); !ok || rank != 3 || diag.Any(findings, diag.Warning) {
		t.Errorf("prod is at %d: %v", rank, findings)
	}
	if _, findings = fleet.Read("fleet.yaml", text("live"), nil); !diag.Any(findings, diag.Error) {
		t.Errorf("live is of no order: %v", findings)
	}
}

// The account of a cluster is what the file says, else that of names which the tools of providers make; a limit and a scope go by it.
func TestAccountOfACluster(t *testing.T) {
	f, findings := fleet.Read("fleet.yaml", []byte(`version: 1
policy:
  concurrency: [{most: 1, of: account, clusters: {account: "*"}}]
clusters:
- {name: "arn:aws:eks:eu-west-1:111111111111:cluster/a", provider: eks, version: "1.35"}
- {name: gke_shop-project_europe-west1_b, provider: gke, version: "1.35"}
- {name: c, provider: aks, version: "1.35", account: payments}
- {name: gke_d, provider: gke, version: "1.35"}
`), nil)
	for i, want := range []string{"111111111111", "shop-project", "payments", ""} {
		c := f.Clusters[i]
		value, counts := f.Policy.Concurrency[0].Value(c)
		if value != want || counts != (want != "") {
			t.Errorf("%s: %q, counts: %v; %v", c.Name.V, value, counts, findings)
		}
	}
}

// A window opens only in the times that recur, and only for openings that lie in one of them as a whole.
func TestWindowsThatOpenAFortnightAQuarter(t *testing.T) {
	f, findings := fleet.Read("fleet.yaml", []byte(`version: 1
policy:
  windows:
  - {days: [Tue], from: "09:00", to: "12:00", timezone: Europe/Berlin, during: {rrule: "FREQ=MONTHLY;BYMONTH=2,5,8,11;BYDAY=1MO", duration: 14d}}
  - {from: "22:00", to: "04:00", timezone: UTC, clusters: {name: b}, during: {rrule: "FREQ=DAILY;INTERVAL=400;COUNT=1", duration: 1d, from: 2027-03-01}}
clusters: [{name: a, provider: eks, version: "1.35"}, {name: b, provider: eks, version: "1.35"}]
`), nil)
	if diag.Any(findings, diag.Warning) {
		t.Fatal(findings)
	}
	year := calendar.Span{From: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}
	var got []string
	for _, s := range f.Policy.Windows[0].Calendar().Openings(year) {
		got = append(got, s.From.Format("01-02 15:04"))
	}
	if want := "02-02 09:00 02-09 09:00 05-04 09:00 05-11 09:00 08-03 09:00 08-10 09:00 11-02 09:00 11-09 09:00"; strings.Join(got, " ") != want {
		t.Errorf("opens %v, want %s", got, want)
	}
	if all := f.Policy.Windows[1].Calendar().Openings(year); len(all) != 0 {
		t.Errorf("%v lies only in part in the day that is meant", all)
	}
	_, findings = fleet.Read("fleet.yaml", []byte(`version: 1
policy:
  windows: [{from: "09:00", to: "12:00", timezone: UTC, during: {rrule: "FREQ=HOURLY", duration: 1d}}, {from: "09:00", to: "12:00", timezone: UTC, during: {rrule: "FREQ=DAILY", duration: 0}}]
clusters: [{name: a, provider: eks, version: "1.35"}]
`), nil)
	if len(findings) != 2 || findings[0].ID != "fleet/rrule" || findings[1].ID != "fleet/freeze" {
		t.Errorf("%v", findings)
	}
}
