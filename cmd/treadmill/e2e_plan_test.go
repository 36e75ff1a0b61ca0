//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostileFleet has clusters and teams whose names are syntax somewhere, in three time zones, one of half an hour and one south of the
// equator.
const hostileFleet = `version: 1
policy:
  target: latest
  freezes: [{name: "a: b; # \"end\"", from: 2027-01-01, to: 2027-01-05}]
  windows:
    - {days: [Tue, Wed], from: "22:00", to: "02:00", timezone: America/New_York, clusters: {team: "end"}}
    - {days: [Tue, Wed], from: "09:00", to: "16:00", timezone: Asia/Kolkata, clusters: {team: "click me: now; #x %% {y}"}}
    - {days: [Mon, Thu], from: "01:00", to: "05:00", timezone: Australia/Sydney}
clusters:
  - {name: "end", provider: eks, version: "1.35", team: "end"}
  - {name: "section a:b;c#d \"q\" 'x'", provider: eks, version: "1.35", team: "click me: now; #x %% {y}"}
  - {name: "click", provider: eks, version: "1.35", team: ":;#"}
  - {name: "title x", provider: eks, version: "1.35", team: "done, crit"}
  - {name: "a, b <b>é🚀</b> ` + "`c`" + ` %%{init: {}}%%", provider: eks, version: "1.35"}
  - {name: "dateFormat X", provider: eks, version: "1.35", team: "[x](y) |z| -->"}
  - {name: "accDescr {", provider: eks, version: "1.35"}
  - {name: "---", provider: eks, version: "1.35"}
  - {name: "after", provider: eks, version: "1.35"}
`

// planned is what the tests ask of a plan.
type planned struct {
	Campaigns []struct {
		Cluster   string
		SlackDays int
		Steps     []struct {
			Start, End time.Time
		}
	}
}

// planOf plans a fleet with files beside; a plan may have findings.
func planOf(t *testing.T, fleet string, args ...string) (p planned) {
	t.Helper()
	c := exec.CommandContext(
		t.Context(),
		"treadmill",
		append([]string{"upgrade", "plan", "-f", fleet, "--now", "2026-11-23", "-o", "json"}, args...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil && c.ProcessState.ExitCode() != 1 {
		t.Fatalf("plan %s: %v", fleet, err)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// fleets are the example, the hostile one and one of nine hundred clusters.
func fleets(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var large strings.Builder
	large.WriteString("version: 1\nclusters:\n")
	for i := range 900 {
		fmt.Fprintf(&large, "  - {name: c%d, provider: gke, version: \"1.3%d\", team: t%d}\n", i, 4+i%2, i%30)
	}
	out := []string{filepath.FromSlash("../../testdata/example/fleet.yaml")}
	for name, text := range map[string]string{"hostile.yaml": hostileFleet, "large.yaml": large.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return append(out, filepath.Join(dir, "hostile.yaml"), filepath.Join(dir, "large.yaml"))
}

// node installs what testdata/node pins, and returns a function that runs one of its programs.
func node(t *testing.T) func(program string, args ...string) []byte {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s: Mermaid and ical.js need the packages nodejs and npm", name)
		}
	}
	dir := filepath.Join(t.TempDir(), "node")
	if err := os.CopyFS(dir, os.DirFS("../../testdata/node")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return func(program string, args ...string) []byte {
		c := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join(dir, program)}, args...)...)
		out, err := c.Output()
		if err != nil {
			var stderr []byte
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				stderr = exit.Stderr
			}
			t.Fatalf("node %s: %v\n%s", program, err, stderr)
		}
		return out
	}
}

// TestE2EMermaidAndCalendar has Mermaid itself read the charts of plans, and ical.js the calendars, by the time zones they define.
func TestE2EMermaidAndCalendar(t *testing.T) {
	run := node(t)
	for _, fleet := range fleets(t) {
		t.Run(filepath.Base(fleet), func(t *testing.T) {
			mmd, ics := filepath.Join(t.TempDir(), "plan.mmd"), filepath.Join(t.TempDir(), "plan.ics")
			p := planOf(t, fleet, "--mermaid", mmd, "--calendar", ics)
			checkMermaid(t, p, mmd, run("mermaid.js", mmd))
			checkCalendar(t, p, run("calendar.js", ics))
		})
	}
}

func checkMermaid(t *testing.T, p planned, file string, out []byte) {
	t.Helper()
	var charts []struct {
		Tasks []struct {
			Name, Section string
			Critical      bool
		}
	}
	if err := json.Unmarshal(out, &charts); err != nil || len(charts) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	late, critical, tasks := 0, 0, 0
	for _, c := range p.Campaigns {
		if c.SlackDays < 0 {
			late++
		}
	}
	for _, x := range charts[0].Tasks {
		if x.Critical {
			critical++
		}
		if x.Section != "Freezes" {
			tasks++
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	const most = 50_000 // what Mermaid draws by default
	if info.Size() > most {
		t.Errorf("%d bytes; Mermaid draws %d", info.Size(), most)
	}
	if len(p.Campaigns) < 500 && (tasks != len(p.Campaigns) || critical != late) {
		t.Errorf(
			"Mermaid reads %d tasks, %d of them critical; the plan has %d campaigns, %d of them late",
			tasks,
			critical,
			len(p.Campaigns),
			late,
		)
	}
}

func checkCalendar(t *testing.T, p planned, out []byte) {
	t.Helper()
	var events []struct {
		Summary    string
		Start, End time.Time
	}
	if err := json.Unmarshal(out, &events); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, got := map[string]int{}, map[string]int{}
	for _, c := range p.Campaigns {
		for _, s := range c.Steps {
			want[fmt.Sprint(c.Cluster, s.Start.UTC(), s.End.UTC())]++
		}
	}
	for _, e := range events {
		cluster, _, _ := strings.Cut(e.Summary, ": control plane to ")
		cluster, _, _ = strings.Cut(cluster, ": nodes to ")
		got[fmt.Sprint(cluster, e.Start.UTC(), e.End.UTC())]++
	}
	if len(want) != len(got) {
		t.Errorf("%d hops, %d events", len(want), len(got))
	}
	for key, n := range want {
		if got[key] != n {
			t.Errorf("%s: %d hops, %d events", key, n, got[key])
		}
	}
}
