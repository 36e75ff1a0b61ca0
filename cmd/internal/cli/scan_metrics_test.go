package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// prometheus answers range queries for one moment: each query that holds a key of answers with its series, others with none.
func prometheus(t *testing.T, answers map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer letmein" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		series := ""
		for key, answer := range answers {
			if strings.Contains(r.Form.Get("query"), key) {
				series = strings.ReplaceAll(answer, "NOW", r.Form.Get("start"))
			}
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, series)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestScanMetricsOfPrometheus asks a Prometheus server for the deprecated calls that it has scraped, of two clusters.
func TestScanMetricsOfPrometheus(t *testing.T) {
	const gauge = `{"metric":{"cluster":"%s","group":"resource.k8s.io","version":"v1beta1","resource":"resourceclaims","removed_release":"1.38"},"values":[[NOW,"%d"]]}`
	auth := write(t, "http.yaml", "authorization: {credentials: letmein}\n")
	clusters := prometheus(t, map[string]string{"requested_deprecated": fmt.Sprintf(gauge+","+gauge+","+gauge, "eu", 1, "us", 1, "old", 0)})
	host := strings.TrimPrefix(clusters, "http://")

	got := run(nil, "upgrade", "scan", "--metrics", clusters, "--prometheus-config", auth, "--to", "1.38", "-o", "csv")
	for _, cluster := range []string{"eu", "us"} {
		if want := fmt.Sprintf("Prometheus %s: cluster %s,resource.k8s.io/v1beta1 ResourceClaim,,,removed,", host, cluster); !strings.Contains(
			got.stdout,
			want,
		) {
			t.Errorf("no %s in\n%s", want, got.stdout)
		}
	}
	if got.status != 1 || got.stderr != "" || strings.Contains(got.stdout, "cluster old") {
		t.Errorf("%+v", got)
	}
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"no deprecated calls": {[]string{"--metrics", prometheus(t, map[string]string{"apiserver_request_total": `{"metric":{},"values":[[NOW,"3"]]}`}),
			"--prometheus-config", auth}, 0, "0 records of calls in 1 log"},
		"no API server": {[]string{"--metrics", prometheus(t, nil), "--prometheus-config", auth}, 3,
			"no metrics of an API server: it does not scrape one"},
		"not let in":       {[]string{"--metrics", clusters}, 3, "cannot be read: query Prometheus:"},
		"no server":        {[]string{"--metrics", "http://127.0.0.1:1"}, 3, "Prometheus 127.0.0.1:1"},
		"not accepted":     {[]string{"--metrics", "http://"}, 2, "must be a URL"},
		"accepted to miss": {[]string{"--metrics", "http://127.0.0.1:1", "--allow-partial"}, 0, "warning"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(nil, append([]string{"upgrade", "scan"}, c.args...)...)
			if got.status != c.status || !strings.Contains(got.stdout+got.stderr, c.want) || strings.Contains(got.stdout+got.stderr, "letmein") {
				t.Errorf("%+v", got)
			}
		})
	}
}
