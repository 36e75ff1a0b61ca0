package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// oddHistory is two days in which everything went wrong that history can have: an HA pair that writes its samples under two names, two
// restarts, a sample that is NaN, three hours without scrapes, a bucket that goes away, and samples of the two hours after now.
const oddHistory = `start: 2026-11-21T00:00:00Z
interval: 1m
series:
  - {series: 'hits_total{code="200",prometheus_replica="a"}', values: '0+100x700 0+100x700 NaN NaN NaN NaN NaN NaN NaN 70200+100x300 _x180 0+100x1120'}
  - {series: 'hits_total{code="200",prometheus_replica="b"}', values: '7+100x700 7+100x700 _x7 70207+100x300 _x180 7+100x1120'}
  - {series: 'hits_total{code="500",prometheus_replica="a"}', values: '0+0x1709 _x180 0+0x1120'}
  - {series: 'took_seconds_count', values: '0+100x3000'}
  - {series: 'took_seconds_bucket{le="0.5"}', values: '0+99x1500'}
  - {series: 'took_seconds_bucket{le="1.0"}', values: '0+100x3000'}
  - {series: 'took_seconds_bucket{le="+Inf"}', values: '0+100x3000'}
`

const oddSLOs = `version: prometheus/v1
service: s
slos:
  - name: works
    objective: 99
    sli: {events: {error_query: 'sum(rate(hits_total{code="500"}[{{.window}}]))', total_query: 'sum(rate(hits_total[{{.window}}]))'}}
    alerting: {name: Burn}
  - name: fast
    objective: 99
    sli: {events: {error_query: 'sum(rate(took_seconds_count[{{.window}}])) - sum(rate(took_seconds_bucket{le="0.5"}[{{.window}}]))', total_query: 'sum(rate(took_seconds_count[{{.window}}]))'}}
    alerting: {name: Burn}
`

// oddNow is what the clock says.
var oddNow = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// TestOddHistoryIsTold: every command that reads history says what is odd in it, from wherever it comes.
func TestOddHistoryIsTold(t *testing.T) {
	dir := t.TempDir()
	name := func(s string) string { return filepath.Join(dir, s) }
	store := eval.NewStore()
	if problems := backtest.ReadSamples(store, "odd.yaml", []byte(oddHistory)); diag.Any(problems, diag.Error) {
		t.Fatal(problems)
	}
	server := httptest.NewServer(answering(store))
	t.Cleanup(server.Close)
	for _, err := range []error{
		os.WriteFile(name("odd.yaml"), []byte(oddHistory), 0o600), os.WriteFile(name("slos.yaml"), []byte(oddSLOs), 0o600),
		os.WriteFile(name("odd.om"), asText(store), 0o600), os.MkdirAll(name("data/wal"), 0o755),
		writeBlock(name("data/01KC00000000000000000000AA"), seriesOf(store, 0, oddNow.Add(-2*time.Hour).UnixMilli()-1)),
		writeLog(name("data/wal"), seriesOf(store, oddNow.Add(-2*time.Hour).UnixMilli(), math.MaxInt64)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	all := []string{
		`info: s-works: hits_total: \d counter resets; `,
		`warning: s-works: hits_total: 1 series is there more than once, as an HA pair .* prometheus_replica only \(a, b\)`,
		`warning: s-works: hits_total: \d series have samples that are later than now`,
		// Where it is counted as rules count, a counter that does not answer has counted none for an hour.
		`warning: s-works: something is known of .* from 2026-11-22 0[45]:[23].* to 2026-11-22 07:[23]`,
		`warning: s-fast: took_seconds_bucket: histograms without a bucket 0.5: 1 of 1, seen from 2026-11-22 `,
		`warning: s-works: nothing is known before 2026-11-21 00:00, and 2026-1\d-\d\d 00:00 is asked for`,
	}
	numbers := `warning: s-works: its queries give NaN at \d+ moments`
	for source, c := range map[string]struct{ flag, value, nan string }{
		"described": {"--openmetrics", name("odd.yaml"), numbers},
		"text":      {"--openmetrics", name("odd.om"), `odd.om:\d+: warning: 7 of \d+ samples are NaN`},
		"folder":    {"--tsdb", name("data"), numbers},
		"server":    {"--prometheus", server.URL, numbers},
	} {
		for _, command := range []string{"slo report --period 4d", "slo gate", "rules backtest --since 4d", "slo suggest --since 4d"} {
			t.Run(source+" "+command, func(t *testing.T) {
				out := runAt(t, append(strings.Fields(command), c.flag, c.value, name("slos.yaml"))...)
				want := append([]string{c.nan}, all...)
				if source == "server" {
					want = append(
						want,
						`warning: the clock of the server is 10m0s ahead of that of this machine`,
						`warning: of the history: the answer is partial`,
					)
				}
				for _, w := range want {
					if !regexp.MustCompile(w).MatchString(out) {
						t.Errorf("no %s in\n%s", w, out)
					}
				}
			})
		}
	}
}

// runAt runs a command line where the clock says oddNow, and returns what it writes.
func runAt(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	cli.Main(
		t.Context(),
		app.Env{Args: append([]string{"treadmill"}, args...), Getenv: func(string) string { return "" }, Now: func() time.Time { return oddNow },
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Open: func(name string) (fs.File, error) { return os.Open(name) }},
	)
	return out.String()
}

// asText is what a store has as OpenMetrics, as promtool tsdb dump-openmetrics writes it.
func asText(store *eval.Store) []byte {
	var b bytes.Buffer
	for _, s := range seriesOf(store, 0, math.MaxInt64) {
		rest := labels.NewBuilder(s.labels).Del(labels.MetricName).Labels().String()
		for i, at := range s.times {
			fmt.Fprintf(&b, "%s%s %v %d\n", s.labels.Get("__name__"), strings.ReplaceAll(rest, ", ", ","), s.values[i], at/1000)
		}
	}
	b.WriteString("# EOF\n")
	return b.Bytes()
}

// answering is a server with the Prometheus HTTP API before a store. Its clock is ten minutes ahead, and a node of it does not answer.
func answering(store *eval.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number := func(name string) float64 { v, _ := strconv.ParseFloat(r.FormValue(name), 64); return v }
		at := func(seconds float64) time.Time { return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC() }
		step := slo.Window(number("step") * float64(time.Second))
		grid := slo.Grid{From: at(number("start")), Step: step, N: int((number("end")-number("start"))/number("step")) + 1}
		w.Header().Set("Date", oddNow.Add(10*time.Minute).Format(http.TimeFormat))
		m, _, err := eval.Range(r.Context(), store, r.FormValue("query"), grid.From, grid.At(grid.N-1), time.Duration(step))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"status":"error","errorType":"bad_data","error":%q}`, err)
			return
		}
		result, err := json.Marshal(m)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":%s}}`, result)
	})
}
