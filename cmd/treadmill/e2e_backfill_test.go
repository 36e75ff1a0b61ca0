//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestE2EBackfill runs the script of rules generate --backfill against a Prometheus that has a day of raw samples, and
// compares what it recorded with queries of the raw samples at the same moments.
func TestE2EBackfill(t *testing.T) {
	dir := t.TempDir()
	data, fill := filepath.Join(dir, "data"), filepath.Join(dir, "fill")
	end := time.Now().Add(-time.Hour).Truncate(10 * time.Minute)
	raw := filepath.Join(dir, "raw.txt")
	write(t, raw, rawDay(end))
	promtool(t, "tsdb", "create-blocks-from", "openmetrics", raw, data)
	conf := filepath.Join(dir, "prometheus.yml")
	write(t, conf, "global: {}\n")
	address := "127.0.0.1:" + freePorts(t, 1)[0]
	server := start(
		t,
		program(t, "prometheus"),
		"--config.file="+conf,
		"--storage.tsdb.path="+data,
		"--storage.tsdb.block-reload-interval=1s",
		"--web.listen-address="+address,
	)
	await(t, server, time.Minute, func() bool {
		r, err := http.Get("http://" + address + "/-/ready")
		return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	treadmill(t, "rules", "generate", "--backfill", fill, filepath.FromSlash("../../testdata/example/slos/payments-availability.yaml"))
	script := exec.CommandContext(t.Context(), "sh", filepath.Join(fill, "backfill.sh"))
	tools := filepath.Dir(named(t, os.Getenv("PROMTOOL"), "promtool"))
	script.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"), "DATA="+data, "PROMETHEUS=http://"+address, "PAUSE=3")
	out, err := script.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Three hours later run: DATA="+data) {
		t.Fatalf("%v\n%s", err, out)
	}
	last := end.Add(-2*time.Hour - 15*time.Minute)
	for name, raw := range map[string]string{
		"total": `sum(http_requests_total{job="payments-gateway"}%s)`,
		"bad":   `sum(http_requests_total{job="payments-gateway",code=~"5.."}%s)`,
	} {
		for _, window := range []string{"5m", "30m", "1h", "2h", "6h"} {
			series := "slo:events_" + name + ":increase" + window
			at := ask(t, address, "timestamp("+series+")", float64(last.Unix()))
			got, want := ask(t, address, series, at), ask(t, address, fmt.Sprintf(raw, "")+" - "+fmt.Sprintf(raw, " offset "+window), at)
			t.Logf("%s is %v", series, got)
			if want < 1 || math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s is %v, the raw samples say %v", series, got, want)
			}
		}
	}
	if left := ask(t, address, "slo:error_budget:remaining", float64(last.Unix())); left < 0 || left > 0.999 {
		t.Errorf("%v of the budget is left", left)
	}
}

// rawDay is a day of samples every 30 s until a moment: traffic that swells and ebbs, of which some fails, and much in the
// last hours.
func rawDay(end time.Time) string {
	var good, bad strings.Builder
	var ok, failed float64
	for s := 0; s <= 86400; s += 30 {
		rate := 100 + 50*math.Sin(float64(s)/10000)
		share := 0.0001
		if s > 86400-4*3600 && s < 86400-3*3600 {
			share = 0.02
		}
		ok, failed = ok+30*rate*(1-share), failed+30*rate*share
		at := end.Unix() - 86400 + int64(s)
		fmt.Fprintf(&good, "http_requests_total{job=\"payments-gateway\",code=\"200\"} %f %d\n", ok, at)
		fmt.Fprintf(&bad, "http_requests_total{job=\"payments-gateway\",code=\"503\"} %f %d\n", failed, at)
	}
	return "# TYPE http_requests counter\n" + good.String() + bad.String() + "# EOF\n"
}

// ask is the value of a query with one element at a moment.
func ask(t *testing.T, address, query string, at float64) float64 {
	t.Helper()
	r, err := http.PostForm("http://"+address+"/api/v1/query", url.Values{"query": {query}, "time": {strconv.FormatFloat(at, 'f', 3, 64)}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Data.Result) != 1 {
		t.Fatalf("%s at %v: %s", query, at, text)
	}
	v, err := strconv.ParseFloat(answer.Data.Result[0].Value[1].(string), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
