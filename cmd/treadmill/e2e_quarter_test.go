//go:build e2e

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

const quarterHistory = "testdata/example/quarter/history.yaml"

// TestE2EQuarter plays the quarter of docs/budget-aware-upgrades.md on a real Prometheus: each command of the page, with the server instead
// of the file, answers what the page shows.
func TestE2EQuarter(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	url := serveSeries(t, filepath.Join(root, quarterHistory))
	page, err := os.ReadFile(filepath.Join(root, "docs", "budget-aware-upgrades.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "## A quarter\n")
	section, _, ended := strings.Cut(rest, "\n## ")
	if !found || !ended {
		t.Fatal("the page tells no quarter")
	}
	t.Chdir(lookalike(t, root))
	n := 0
	for i, block := range strings.Split(section, "```") {
		text, console := strings.CutPrefix(block, "console\n")
		if i%2 == 0 || !console {
			continue
		}
		n += strings.Count(text, quarterHistory)
		text = strings.ReplaceAll(text, "--openmetrics "+quarterHistory, "--prometheus "+url)
		if _, err := runBlock(textLines(text)); err != nil {
			t.Error(err)
		}
	}
	if n < 8 {
		t.Errorf("%d commands", n)
	}
}

// serveSeries serves a file of series from a real Prometheus.
func serveSeries(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var history struct {
		Start    time.Time
		Interval string
		Series   []struct{ Series, Values string }
	}
	if err := yaml.Unmarshal(text, &history); err != nil {
		t.Fatal(err)
	}
	step, err := time.ParseDuration(history.Interval)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# TYPE http_requests counter\n")
	for _, s := range history.Series {
		lset, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(s.Series + " " + s.Values)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.NewReplacer(`{__name__="http_requests_total", `, "http_requests_total{", ", ", ",").Replace(lset.String())
		for i, v := range values {
			fmt.Fprintf(&b, "%s %.0f %d\n", name, v.Value, history.Start.Add(time.Duration(i)*step).Unix())
		}
	}
	b.WriteString("# EOF\n")
	dir, port := t.TempDir(), freePorts(t, 1)[0]
	write(t, filepath.Join(dir, "history.om"), b.String())
	promtool(t, "tsdb", "create-blocks-from", "--max-block-duration=162h", "-q", "openmetrics", filepath.Join(dir, "history.om"), filepath.Join(dir, "data"))
	write(t, filepath.Join(dir, "prometheus.yml"), "global: {}\n")
	p := start(t, program(t, "prometheus"), "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--storage.tsdb.retention.time=10y", "--web.listen-address=127.0.0.1:"+port, "--log.level=warn")
	url := "http://127.0.0.1:" + port
	await(t, p, time.Minute, func() bool { return answers(http.DefaultClient, url+"/-/ready", "") })
	return url
}
