package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// base is a program of an older commit; make bench-beside builds it.
var base = flag.String("base", "", "the treadmill of an older commit, to run in turn with this one")

// BenchmarkBeside runs the built program and that of an older commit in turn on the same inputs, and reports the median of the ratios of
// processor time, pair by pair: what slows the machine down slows both of a pair. PROMTOOL names a program of the same kind and size,
// beside which the start of this one is set.
func BenchmarkBeside(b *testing.B) {
	now, dir := built(b), b.TempDir()
	tree, slos, fleet := filepath.Join(dir, "tree"), filepath.Join(dir, "slos"), filepath.Join(dir, "fleet.yaml")
	writeTree(b, tree, 20_000)
	if err := errors.Join(os.Mkdir(slos, 0o755), os.WriteFile(fleet, []byte(benchFleet(10_000, 3, 0)), 0o600)); err != nil {
		b.Fatal(err)
	}
	writeSLOs(b, slos)
	for _, job := range []struct {
		name string
		args []string
	}{
		{"scan of 20,000 files", []string{"upgrade", "scan", "--to", "1.37", tree}},
		{"plan of 10,000 clusters", planArgs(fleet)},
		{"generate of 10,000 SLOs", []string{"rules", "generate", slos}},
		{"version", []string{"version"}},
		{"help", []string{"--help"}},
	} {
		b.Run(job.name, func(b *testing.B) { pairs(b, append([]string{now}, job.args...), append([]string{*base}, job.args...)) })
		if job.name == "version" || job.name == "help" {
			b.Run(job.name+" to promtool", func(b *testing.B) {
				pairs(b, append([]string{now}, job.args...), []string{os.Getenv("PROMTOOL"), "--version"})
			})
		}
	}
}

// pairs runs two commands in turn.
func pairs(b *testing.B, one, other []string) {
	if other[0] == "" {
		b.Skip("nothing to run beside it: -base and PROMTOOL name it")
	}
	var ratios []float64
	for b.Loop() {
		ratios = append(ratios, spent(b, one).Seconds()/spent(b, other).Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric((ratios[(len(ratios)-1)/2]+ratios[len(ratios)/2])/2, "cpu-ratio")
}

// spent is the processor time of one run, which may end with findings.
func spent(b *testing.B, command []string) time.Duration {
	b.Helper()
	c := exec.CommandContext(b.Context(), command[0], command[1:]...)
	var exit *exec.ExitError
	if err := c.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		b.Fatalf("%v: %v", command, err)
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime()
}
