package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const guardedFleet = `version: 1
clusters:
- {name: a, provider: upstream, version: "1.36", slos: [payments]}
`

// TestRecordsOfOneTime: of many upgrades that are booked at one time into a file that is not there yet, none is lost, and nothing is left
// beside the file.
func TestRecordsOfOneTime(t *testing.T) {
	const runs = 12
	fleet := write(t, "fleet.yaml", guardedFleet)
	dir := t.TempDir()
	past := filepath.Join(dir, "new", "past.yaml")
	var wait sync.WaitGroup
	for i := range runs {
		wait.Go(func() {
			start := fmt.Sprintf("2026-11-%02dT09:00:00Z", i+1)
			got := run(nil, "upgrade", "record", "-f", fleet, "--cluster", "a", "--to", "1.36", "--start", start, "--end", start[:11]+"10:00:00Z",
				"--records", past, "--spent", "payments=3%")
			if got.status != 0 || !strings.Contains(got.stdout, "is campaign ") {
				t.Errorf("%+v", got)
			}
		})
	}
	wait.Wait()
	text, err := os.ReadFile(past)
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		if start := fmt.Sprintf("start: 2026-11-%02dT09:00:00Z", i+1); strings.Count(string(text), start) != 1 {
			t.Errorf("%q is not there once:\n%s", start, text)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(past))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the file: %v, %v", entries, err)
	}
}

// TestRecordCannotBeWritten: what keeps the file from being written is said with its name, and the status is 3.
func TestRecordCannotBeWritten(t *testing.T) {
	fleet := write(t, "fleet.yaml", guardedFleet)
	for name, past := range map[string]string{"a folder": t.TempDir(), "a file as a folder": filepath.Join(fleet, "past.yaml")} {
		t.Run(name, func(t *testing.T) {
			got := run(
				nil,
				"upgrade",
				"record",
				"-f",
				fleet,
				"--cluster",
				"a",
				"--to",
				"1.36",
				"--start",
				"2026-11-11T09:00:00Z",
				"--records",
				past,
				"--spent",
				"payments=3%",
			)
			if got.status != 3 || !strings.Contains(got.stderr, past) {
				t.Errorf("%+v", got)
			}
		})
	}
}
