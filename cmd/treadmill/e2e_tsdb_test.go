//go:build e2e

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"treadmill/rules/eval"
	"treadmill/rules/tsdb"
)

// TestE2ETSDBOfARunningServer scrapes for some seconds with a real Prometheus, samples out of order too, and reads its folder while it
// runs and after it was killed: what the folder says is what the server says, and nothing is written into it.
func TestE2ETSDBOfARunningServer(t *testing.T) {
	dir := t.TempDir()
	var scrapes atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := scrapes.Add(1)
		fmt.Fprintf(
			w,
			"# TYPE hits counter\nhits{code=\"200\"} %d\nhits{code=\"500\"} %d\nlate %d %d\n",
			n*10,
			n,
			n,
			time.Now().Add(-time.Duration(n*7%5)*time.Second).UnixMilli(),
		)
	}))
	t.Cleanup(target.Close)
	data, conf := filepath.Join(dir, "data"), filepath.Join(dir, "prometheus.yml")
	write(
		t,
		conf,
		"global: {scrape_interval: 500ms}\nstorage: {tsdb: {out_of_order_time_window: 10m}}\nscrape_configs: [{job_name: e2e, fallback_scrape_protocol: PrometheusText0.0.4, static_configs: [{targets: ['"+
			strings.TrimPrefix(
				target.URL,
				"http://",
			)+"']}]}]\n",
	)
	address := "127.0.0.1:" + freePorts(t, 1)[0]
	server := start(t, program(t, "prometheus"), "--config.file="+conf, "--storage.tsdb.path="+data, "--web.listen-address="+address)
	await(t, server, time.Minute, func() bool { return scrapes.Load() >= 25 })
	from, to := time.Now().Add(-9*time.Second).Truncate(time.Second), time.Now().Add(-2*time.Second).Truncate(time.Second)
	queries := []string{
		`hits`,
		`count_over_time(hits[5s])`,
		`sum(increase(hits{code="500"}[5s]))`,
		`last_over_time(late[4s])`,
		`count by (__name__) ({__name__=~".+"})`,
	}
	said := map[string]string{}
	for _, q := range queries {
		said[q] = overHTTP(t, "http://"+address, q, from, to)
	}
	if _, err := os.Stat(filepath.Join(data, "wbl")); err != nil {
		t.Errorf("no samples came out of order: %v", err)
	}
	compare := func(when string) {
		for _, q := range queries {
			if got := inFolder(t, data, q, from, to); got != said[q] || len(got) < 20 {
				t.Errorf("%s: %s: the folder says\n%s\nand the server\n%s", when, q, got, said[q])
			}
		}
	}
	compare("while it runs")
	server.stop()
	before := contents(t, data)
	compare("after it was killed")
	write(
		t,
		filepath.Join(dir, "slo.yaml"),
		strings.NewReplacer("svc_requests_total", "hits", `service="down",`, "", `service="down"`, "").Replace(sloOf("down")),
	)
	run := func(args ...string) string {
		return string(treadmill(t, append(args, filepath.Join(dir, "slo.yaml"))...))
	}
	run("rules", "backtest", "--since", "1h", "--tsdb", data, "--allow-partial")
	if after := contents(t, data); after != before {
		t.Errorf("the folder changed from\n%s\nto\n%s", before, after)
	}
}

// overHTTP is what a server answers to a range query with a step of a second, as text.
func overHTTP(t *testing.T, base, query string, from, to time.Time) string {
	t.Helper()
	var got struct {
		Data struct{ Result json.RawMessage }
	}
	if !getJSON(
		fmt.Sprintf("%s/api/v1/query_range?query=%s&start=%d&end=%d&step=1", base, url.QueryEscape(query), from.Unix(), to.Unix()),
		&got,
	) {
		t.Fatalf("%s: no answer", query)
	}
	return string(got.Data.Result)
}

// inFolder is the same out of the folder of its data.
func inFolder(t *testing.T, data, query string, from, to time.Time) string {
	t.Helper()
	db, err := tsdb.Open(data, tsdb.Files{
		List: func(dir string) ([]string, error) {
			entries, err := os.ReadDir(dir)
			var names []string
			for _, e := range entries {
				names = append(names, map[bool]string{true: e.Name() + "/", false: e.Name()}[e.IsDir()])
			}
			return names, err
		},
		Open: func(name string) (fs.File, error) { return os.Open(name) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m, warnings, err := eval.Range(t.Context(), db, query, from, to, time.Second)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%s: %v %q", query, err, warnings)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// contents is the names, times and contents of all files of a folder.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		fmt.Fprintf(&b, "%s %s %x\n", name, info.ModTime(), sha256.Sum256(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
