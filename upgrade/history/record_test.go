package history_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/history"
)

var start = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

// hop is a campaign of one hop that began some days after the start and spent a share of the budget of "pay".
func hop(day int, spent float64) history.Campaign {
	c := history.Campaign{
		Cluster:     yamlx.At[string]{V: "c: #1"},
		Environment: "prod",
		Source:      history.ByHand,
		Spent:       map[string]history.Spent{"pay": history.Spent(spent)},
	}
	c.From.V, c.To.V = upgrade.V1(34), upgrade.V1(35)
	c.Start.V.Time, c.End.V.Time = start.AddDate(0, 0, day), start.AddDate(0, 0, day).Add(time.Hour)
	return c
}

// budget is that of 99.9 % over 30 days.
var budget = history.Budget{Objective: 0.999, Period: 30 * 24 * time.Hour}

func ExampleFile_Reserve() {
	var f history.File
	fmt.Printf("%+v\n", f.Reserve("pay", "prod", 0.1, budget))
	f.Campaigns = append(f.Campaigns, hop(0, 0.04))
	fmt.Printf("%+v\n", f.Reserve("pay", "prod", 0.1, budget))
	f.Campaigns = append(f.Campaigns, hop(1, 0.06), hop(2, 0.03))
	fmt.Printf("%+v\n", f.Reserve("pay", "prod", 0.1, budget))
	// Output:
	// {Share:10.0% Records:0 Basis:stated in the policy; no past hop is recorded}
	// {Share:10.0% Records:1 Basis:9 of 10 hops spend no more, by the policy's 10.0% and 1 past hop in prod that spent 4.0% on average}
	// {Share:10.3% Records:3 Basis:9 of 10 hops spend no more, by the policy's 10.0% and 3 past hops in prod that spent 4.3% on average}
}

func TestSinceWhenAVersionRuns(t *testing.T) {
	f := history.File{Campaigns: []history.Campaign{hop(3, 0)}}
	if at, ok := f.Ran("c: #1", upgrade.V1(35)); !ok || !at.Equal(start.AddDate(0, 0, 3)) {
		t.Errorf("%v %v", at, ok)
	}
	for _, v := range []int{34, 36} {
		if _, ok := f.Ran("c: #1", upgrade.V1(v)); ok {
			t.Errorf("nothing is recorded of 1.%d", v)
		}
	}
	if at, ok := f.Last("c: #1"); !ok || !at.Equal(start.AddDate(0, 0, 3)) {
		t.Errorf("%v %v", at, ok)
	}
}

func TestAVersionThatWasRolledBackDoesNotRun(t *testing.T) {
	back := hop(5, 0.2)
	back.From.V, back.To.V, back.Outcome = upgrade.V1(35), upgrade.V1(34), history.RolledBack
	failed := hop(7, 0.2)
	failed.Outcome = history.Failed
	f := history.File{Campaigns: []history.Campaign{hop(3, 0), back, failed}}
	if at, ok := f.Ran("c: #1", upgrade.V1(35)); ok || !at.IsZero() {
		t.Errorf("it runs 1.34 again, and 1.35 since %v", at)
	}
	f.Campaigns = append(f.Campaigns, hop(9, 0))
	if at, ok := f.Ran("c: #1", upgrade.V1(35)); !ok || !at.Equal(start.AddDate(0, 0, 9)) {
		t.Errorf("%v %v", at, ok)
	}
}

const item = "- {cluster: a, from: 1.34, to: 1.35, start: 2026-11-01T09:00:00Z, end: 2026-11-01T10:00:00Z, spent: {pay: 4.2%}}\n"

func TestAppendKeepsWhatIsThere(t *testing.T) {
	added := "- cluster: \"c: #1\"\n  environment: \"prod\"\n  from: \"1.34\"\n  to: \"1.35\"\n  start: 2026-11-03T09:00:00Z\n  end: 2026-11-03T10:00:00Z\n  spent: {\"pay\": 4.00%}\n  source: by hand\n"
	indented := "  " + strings.ReplaceAll(strings.TrimSuffix(added, "\n"), "\n", "\n  ") + "\n"
	for name, c := range map[string]struct{ before, after string }{
		"nothing":      {"", "version: 1\ncampaigns:\n" + indented},
		"no list":      {"# ours\nversion: 1", "# ours\nversion: 1\ncampaigns:\n" + indented},
		"an empty one": {"version: 1\ncampaigns: [] # none\n", "version: 1\ncampaigns: # none\n" + indented},
		"null":         {"version: 1\ncampaigns:\n", "version: 1\ncampaigns:\n" + indented},
		"comments": {"version: 1 # one\ncampaigns:\n# first\n" + item + "# last\n",
			"version: 1 # one\ncampaigns:\n# first\n" + item + added + "# last\n"},
		"deep":       {"campaigns:\n  " + item + "\n\n", ""},
		"list first": {"campaigns:\n" + item + "version: 1\n", "campaigns:\n" + item + added + "version: 1\n"},
		"words before": {"# past campaigns: one a line\nversion: 1\ncampaigns: []\n",
			"# past campaigns: one a line\nversion: 1\ncampaigns:\n" + indented},
		"directive": {"%YAML 1.1\n---\nversion: 1\ncampaigns:\n" + item, "%YAML 1.1\n---\nversion: 1\ncampaigns:\n" + item + added},
		"flow": {"{version: 1, campaigns: []}\n", "{version: 1, campaigns: [{cluster: \"c: #1\", environment: \"prod\", from: \"1.34\", to: \"1.35\", " +
			"start: 2026-11-03T09:00:00Z, end: 2026-11-03T10:00:00Z, spent: {\"pay\": 4.00%}, source: by hand}]}\n"},
		"crlf": {"version: 1\r\ncampaigns:\r\n" + strings.ReplaceAll(item, "\n", "\r\n"),
			"version: 1\r\ncampaigns:\r\n" + strings.ReplaceAll(item+added, "\n", "\r\n")},
	} {
		f, findings := history.Read("f.yaml", []byte(c.before))
		if c.after != "" && diag.Any(findings, diag.Error) {
			t.Fatalf("%s: %v", name, findings)
		}
		got, err := f.Append(hop(0, 0.04))
		if string(got) != c.after || (err == nil) != (c.after != "") {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

func TestReadFindsEveryProblem(t *testing.T) {
	for text, want := range map[string]string{
		"version: 2\n":                           "f.yaml:1:10: error: version 2 is not known",
		"version: 1\ncampaigns:\n" + item + item: "f.yaml:4:3: error: the campaign stands in line 3 already",
		"version: 1\ncampaigns:\n" + strings.Replace(item, "4.2%", "much", 1): `f.yaml:3:107: error: campaigns[0].spent.pay: "much" is no share`,
		"version: 1\ncampaigns:\n" + strings.Replace(item, "01T10", "01T08",
			1): "f.yaml:3:72: error: the campaign ends before it begins",
		"version: 1\ncampaigns:\n" + strings.Replace(item, "2026-11-01T10", "2027-11-01T", 1): "is no time: want one such as",
		"version: 1\ncampaigns:\n" + strings.Replace(item, "1.35", "1.33", 1):                 "the campaign goes from 1.34 back to 1.33",
		"version: 1\n---\nversion: 1\n":                                                       "f.yaml:3:1: error: a file of past campaigns is one document",
		"version: 1\ncampaign: []\n":                                                          `did you mean "campaigns"?`,
	} {
		_, findings := history.Read("f.yaml", []byte(text))
		if len(findings) == 0 || !strings.Contains(findings[0].String(), want) {
			t.Errorf("%s: %v, want %s", text, findings, want)
		}
	}
}

// FuzzAppend: what is appended to a file that can be read is there, and everything before it still is, byte for byte in order.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "version: 1\ncampaigns:\n" + item, "version: 1\ncampaigns: []", "{version: 1}",
		"version: 1\ncampaigns:\n" + item + "...\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, findings := history.Read("f.yaml", data)
		if diag.Any(findings, diag.Error) {
			return
		}
		out, err := file.Append(hop(0, 0.04))
		if err != nil {
			return
		}
		again, findings := history.Read("f.yaml", out)
		if diag.Any(findings, diag.Error) || len(again.Campaigns) != len(file.Campaigns)+1 {
			t.Fatalf("%q: %v", out, findings)
		}
		prefix, suffix := 0, 0 // what is added is one piece; a value of nothing may give way to it
		for prefix < min(len(data), len(out)) && data[prefix] == out[prefix] {
			prefix++
		}
		for suffix < min(len(data), len(out))-prefix && data[len(data)-1-suffix] == out[len(out)-1-suffix] {
			suffix++
		}
		if lost := bytes.TrimSpace(data[prefix : len(data)-suffix]); len(file.Campaigns) > 0 && len(lost) > 0 {
			t.Fatalf("%q is lost of %q in %q", lost, data, out)
		}
		if len(file.Campaigns) > 0 && !bytes.Contains(data, []byte("campaigns")) {
			t.Fatal("campaigns out of nothing")
		}
	})
}
