package prom_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"treadmill/slo"
	"treadmill/slo/prom"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func day(step slo.Window) slo.Grid { return slo.NewGrid(start, start.Add(24*time.Hour), step) }

// asked is a range query as it came to the server.
type asked struct {
	query            string
	start, end, step float64
}

func (a asked) points() int { return int((a.end-a.start)/a.step) + 1 }

func parse(t *testing.T, r *http.Request) asked {
	t.Helper()
	if err := r.ParseForm(); err != nil {
		t.Error(err)
	}
	number := func(name string) float64 {
		f, err := strconv.ParseFloat(r.Form.Get(name), 64)
		if err != nil {
			t.Error(err)
		}
		return f
	}
	return asked{r.Form.Get("query"), number("start"), number("end"), number("step")}
}

// ones answers 1 at every moment, with every second series label, shifted by some seconds.
func ones(a asked, shift float64) string {
	var b strings.Builder
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"region":"eu"},"values":[`)
	for i := range a.points() {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `[%f,"1"]`, a.start+float64(i)*a.step+shift)
	}
	b.WriteString(`]}]}}`)
	return b.String()
}

func serve(t *testing.T, h func(http.ResponseWriter, *http.Request, int)) *httptest.Server {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r, int(n.Add(1))) }))
	t.Cleanup(s.Close)
	return s
}

func ask(t *testing.T, c prom.Config, grid slo.Grid) (slo.Answer, error) {
	t.Helper()
	c.Pause = time.Millisecond
	client, err := prom.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client.Range(context.Background(), "sum(x)", grid)
}

func whole(t *testing.T, a slo.Answer, n int) {
	t.Helper()
	if len(a.Series) != 1 || len(a.Series[0].Values) != n || a.Series[0].Labels["region"] != "eu" {
		t.Fatalf("got %d series", len(a.Series))
	}
	for i, v := range a.Series[0].Values {
		if v != 1 {
			t.Fatalf("no value at %d", i)
		}
	}
}

func TestRangeInPieces(t *testing.T) {
	var requests atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		requests.Add(1)
		a := parse(t, r)
		if a.query != "sum(x)" || a.points() > 5000 {
			t.Errorf("asked for %d points of %s", a.points(), a.query)
		}
		fmt.Fprint(w, ones(a, 0))
	})
	got, err := ask(t, prom.Config{Address: s.URL + "/prometheus/"}, day(10*slo.Minute/60))
	if err != nil {
		t.Fatal(err)
	}
	whole(t, got, 8640)
	if requests.Load() != 2 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestWhatPasses(t *testing.T) {
	tests := map[string]func(w http.ResponseWriter, a asked){
		"too many requests": func(w http.ResponseWriter, _ asked) { w.WriteHeader(http.StatusTooManyRequests) },
		"unavailable":       func(w http.ResponseWriter, _ asked) { http.Error(w, "no backend", http.StatusServiceUnavailable) },
		"cut off": func(w http.ResponseWriter, a asked) {
			text := ones(a, 0)
			fmt.Fprint(w, text[:len(text)/2])
		},
		"cut off within the length it promised": func(w http.ResponseWriter, a asked) {
			text := ones(a, 0)
			w.Header().Set("Content-Length", strconv.Itoa(len(text)))
			fmt.Fprint(w, text[:len(text)/2])
		},
		"killed": func(http.ResponseWriter, asked) { panic(http.ErrAbortHandler) },
	}
	for name, fails := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
				a := parse(t, r)
				if n <= 2 {
					fails(w, a)
					return
				}
				fmt.Fprint(w, ones(a, 0))
			})
			got, err := ask(t, prom.Config{Address: s.URL}, day(slo.Tile))
			if err != nil {
				t.Fatal(err)
			}
			whole(t, got, 288)
		})
	}
}

func TestTooMuchIsHalved(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		a := parse(t, r)
		if a.points() > 100 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`)
			return
		}
		fmt.Fprint(w, ones(a, 0))
	})
	got, err := ask(t, prom.Config{Address: s.URL}, day(slo.Tile))
	if err != nil {
		t.Fatal(err)
	}
	whole(t, got, 288)
}

func TestWhatIsAnError(t *testing.T) {
	tests := map[string]struct {
		answer func(w http.ResponseWriter, a asked)
		want   string
	}{
		"another step":     {func(w http.ResponseWriter, a asked) { fmt.Fprint(w, ones(a, 7)) }, "it does not keep to the step of 5m"},
		"later than asked": {func(w http.ResponseWriter, a asked) { a.end += 300; fmt.Fprint(w, ones(a, 0)) }, "which was not asked for"},
		"a series twice": {func(w http.ResponseWriter, a asked) {
			fmt.Fprint(w, strings.Replace(ones(a, 0), `"result":[`, `"result":[{"metric":{"region":"eu"},"values":[]},`, 1))
		}, "twice"},
		"out of order": {func(w http.ResponseWriter, a asked) {
			fmt.Fprintf(
				w,
				`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[%f,"1"],[%f,"1"]]}]}}`,
				a.start+300,
				a.start,
			)
		}, "after a later moment, or twice"},
		"a moment twice": {func(w http.ResponseWriter, a asked) {
			fmt.Fprintf(
				w,
				`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[%f,"1"],[%f,"2"]]}]}}`,
				a.start,
				a.start,
			)
		}, "after a later moment, or twice"},
		"bad query": {func(w http.ResponseWriter, _ asked) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"parse error: unexpected end"}`)
		}, "parse error: unexpected end"},
		"denied": {func(w http.ResponseWriter, _ asked) { http.Error(w, "who are you", http.StatusUnauthorized) }, "who are you"},
		"always busy": {
			func(w http.ResponseWriter, _ asked) { http.Error(w, "later", http.StatusServiceUnavailable) },
			"the server answers 503 Service Unavailable: later",
		},
		"html":    {func(w http.ResponseWriter, _ asked) { fmt.Fprint(w, "\n<html>log in</html>") }, "answers a page of HTML"},
		"no JSON": {func(w http.ResponseWriter, _ asked) { fmt.Fprint(w, "log in") }, "invalid character"},
		"secret in the answer": {func(w http.ResponseWriter, _ asked) {
			http.Error(w, "token s3cret-t0ken is not known", http.StatusForbidden)
		}, "token <secret> is not known"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { test.answer(w, parse(t, r)) })
			_, err := ask(t, prom.Config{Address: s.URL, HTTP: []byte("authorization: {credentials: s3cret-t0ken}")}, day(slo.Tile))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestAuthenticationAndTenant(t *testing.T) {
	var got http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		got = r.Header.Clone()
		fmt.Fprint(w, ones(parse(t, r), 0))
	})
	for name, test := range map[string]struct {
		config prom.Config
		header string
		want   string
	}{
		"bearer":           {prom.Config{Address: s.URL, HTTP: []byte("authorization: {credentials: abc}")}, "Authorization", "Bearer abc"},
		"basic in address": {prom.Config{Address: strings.Replace(s.URL, "http://", "http://me:pw@", 1)}, "Authorization", "Basic bWU6cHc="},
		"tenant":           {prom.Config{Address: s.URL, Tenant: "team-a"}, "X-Scope-Orgid", "team-a"},
		"header":           {prom.Config{Address: s.URL, HTTP: []byte("http_headers: {X-Team: {values: [a]}}")}, "X-Team", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ask(t, test.config, day(slo.Tile)); err != nil {
				t.Fatal(err)
			}
			if got.Get(test.header) != test.want {
				t.Errorf("%s is %q", test.header, got.Get(test.header))
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for address, config := range map[string]string{
		"prometheus:9090": "", "ftp://x": "", "http://x?token=s3cret": "", "http://": "",
		"http://a": "authorization: {credentials: s3cret, type: Basic}", "http://b": "bearer_tokn: s3cret", "http://c": "- s3cret",
		"http://me:s3cret@d": "basic_auth: {username: u}",
	} {
		c := prom.Config{Address: address}
		if config != "" {
			c.HTTP = []byte(config)
		}
		if _, err := prom.New(c); err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestWarningsAndAbsence(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		fmt.Fprintf(
			w,
			`{"status":"success","warnings":["store-2 did not answer"],"data":{"resultType":"matrix","result":[{"metric":{},"values":[[%d,"NaN"]]}]}}`,
			start.Unix()+600,
		)
	})
	got, err := ask(t, prom.Config{Address: s.URL}, day(slo.Tile))
	if err != nil || len(got.Warnings) != 1 || got.Warnings[0] != "store-2 did not answer" {
		t.Fatalf("%v %v", got.Warnings, err)
	}
	for _, v := range got.Series[0].Values {
		if !math.IsNaN(v) {
			t.Fatal("a value where there is none")
		}
	}
	if got.NaN != 1 {
		t.Errorf("%d values are NaN", got.NaN)
	}
}

// What a server does instead of what it was asked for is warned of where the numbers can still be read.
func TestWhatIsWarnedOf(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(w http.ResponseWriter, a asked)
		want   string
	}{
		"a longer step": {func(w http.ResponseWriter, a asked) { a.step *= 3; fmt.Fprint(w, ones(a, 0)) },
			"asked for every 5m and answered for every 15m"},
		"a part of a cluster": {func(w http.ResponseWriter, a asked) {
			fmt.Fprint(w, strings.Replace(ones(a, 0), `"success",`, `"success","isPartial":true,`, 1))
		}, "the answer is partial"},
		"all of a cluster": {func(w http.ResponseWriter, a asked) {
			fmt.Fprint(w, strings.Replace(ones(a, 0), `"success",`, `"success","isPartial":false,`, 1))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { test.answer(w, parse(t, r)) })
			got, err := ask(t, prom.Config{Address: s.URL}, day(slo.Tile))
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(got.Warnings, "\n"); !strings.Contains(all, test.want) || test.want == "" && all != "" {
				t.Errorf("%q, want %q", all, test.want)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	over := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request, int) { <-over })
	t.Cleanup(func() { close(over) })
	client, err := prom.New(prom.Config{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := client.Range(ctx, "x", day(slo.Tile)); err == nil {
		t.Error("no error")
	}
}
