package site_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/cmd/internal/site"
	"treadmill/internal/diag"
)

// table is a view with one row.
func table(cell string) report.View {
	return report.View{Title: "Fleet", Data: map[string]any{"version": 1, "cell": cell},
		Tables: []report.Table{{Columns: []report.Column{{Name: "cluster"}}, Rows: []report.Row{{Cells: []string{cell}}}}}}
}

// page is a page of one view, made by a function.
func page(name string, files []string, work func() (report.View, error)) site.Page {
	return site.Page{Name: name, Files: files, Command: "treadmill show " + name, Make: func(context.Context) (site.Made, error) {
		v, err := work()
		return site.Made{View: v, Undone: v.Unseen != ""}, err
	}}
}

// serve serves pages over loopback until the test ends, and gives the address.
func serve(t *testing.T, s *site.Site) string {
	t.Helper()
	if s.Every == 0 {
		s.Every = time.Hour
	}
	s.Look = 20 * time.Millisecond
	if s.Now == nil {
		s.Now = time.Now
	}
	s.Log = func(string, ...any) {}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the end of the context: %v", err)
		}
	})
	url := "http://" + l.Addr().String()
	until(t, func() bool { return get(t, http.MethodGet, url+"/readyz", nil).code == http.StatusOK })
	return url
}

func fixed(pages ...site.Page) func() ([]site.Page, error) {
	return func() ([]site.Page, error) { return pages, nil }
}

// until waits for something that has no other sign.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it did not come to be")
}

type answer struct {
	code int
	head http.Header
	body string
}

func get(t *testing.T, method, url string, change func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{a.StatusCode, a.Header, string(body)}
}

func TestPagesAndWhatIsBehindThem(t *testing.T) {
	url := serve(t, &site.Site{Find: fixed(page("Upgrade plan", nil, func() (report.View, error) { return table("pay-<eu>"), nil }))})
	p := get(t, http.MethodGet, url+"/upgrade-plan", nil)
	if p.code != http.StatusOK || !strings.Contains(p.body, "pay-&lt;eu&gt;") || !strings.Contains(p.body, `<a href="/upgrade-plan" aria-current="page">`) ||
		!strings.Contains(p.body, "less than a minute ago") {
		t.Errorf("%d %s", p.code, p.body)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
		"Cache-Control": "private, no-cache", "Content-Security-Policy": report.Policy(), "Treadmill-Up-To-Date": "true", "Refresh": "",
	} {
		if p.head.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, p.head.Get(name), want)
		}
	}
	var data map[string]any
	if j := get(t, http.MethodGet, url+"/upgrade-plan.json", nil); json.Unmarshal([]byte(j.body), &data) != nil || data["cell"] != "pay-<eu>" {
		t.Errorf("%s", j.body)
	}
	if h := get(t, http.MethodHead, url+"/upgrade-plan", nil); h.code != http.StatusOK || h.body != "" || h.head.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %+v", h)
	}
	same := func(r *http.Request) { r.Header.Set("If-None-Match", p.head.Get("ETag")) }
	if n := get(t, http.MethodGet, url+"/upgrade-plan", same); n.code != http.StatusNotModified || n.body != "" {
		t.Errorf("the same again: %+v", n)
	}
	plain := get(t, http.MethodGet, url+"/upgrade-plan", func(r *http.Request) { r.Header.Set("Accept-Encoding", "identity") })
	if plain.body != p.body || plain.head.Get("Content-Encoding") != "" || plain.head.Get("ETag") == p.head.Get("ETag") {
		t.Errorf("without compression: %+v", plain)
	}
	if r := get(t, http.MethodGet, url+"/upgrade-plan?refresh=60", nil); r.head.Get("Refresh") != "60" {
		t.Errorf("refresh: %q", r.head.Get("Refresh"))
	}
	var all site.Overview
	i := get(t, http.MethodGet, url+"/index.json", nil)
	if err := json.Unmarshal([]byte(i.body), &all); err != nil || len(all.Pages) != 1 || !all.Pages[0].Up ||
		all.Pages[0].Address != "/upgrade-plan" {
		t.Errorf("%v %s", err, i.body)
	}
	if m := get(t, http.MethodGet, url+"/metrics", nil); !strings.Contains(m.body, `treadmill_serve_page_up{page="Upgrade plan"} 1`) ||
		!strings.Contains(m.body, `treadmill_serve_requests_total{code="200"}`) {
		t.Errorf("%s", m.body)
	}
}

// TestReadersOnlyRead: nothing but GET and HEAD, under no name that is not ours, and no address but those of pages.
func TestReadersOnlyRead(t *testing.T) {
	url := serve(t, &site.Site{Hosts: []string{"wall.example.com"},
		Find: fixed(page("Plan", nil, func() (report.View, error) { return table("a"), nil }))})
	for _, path := range []string{"/", "/plan", "/plan.json", "/metrics", "/healthz"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
			if a := get(t, method, url+path, nil); a.code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, a.code)
			}
		}
		for host, want := range map[string]int{
			"evil.example": http.StatusMisdirectedRequest, "localhost.evil.example:80": http.StatusMisdirectedRequest,
			"127.0.0.1.evil.example": http.StatusMisdirectedRequest,
			"localhost":              http.StatusOK, "LOCALHOST:9098": http.StatusOK, "[::1]:9098": http.StatusOK, "10.0.0.7": http.StatusOK,
			"Wall.Example.com.": http.StatusOK,
		} {
			if a := get(t, http.MethodGet, url+path, func(r *http.Request) { r.Host = host }); a.code != want {
				t.Errorf("%s as %s: %d, want %d", path, host, a.code, want)
			}
		}
	}
	for path, want := range map[string]int{"/no": 404, "/plan/": 404, "/plan.yaml": 404, "/%2e%2e%2fetc%2fpasswd": 404,
		"/plan?refresh=1": 400, "/plan?refresh=x": 400} {
		if a := get(t, http.MethodGet, url+path, nil); a.code != want {
			t.Errorf("%s: %d, want %d", path, a.code, want)
		}
	}
}

// TestLastGoodPageStays: whatever keeps a page from being made, the one before it stays, and says so with its age and the reason.
func TestLastGoodPageStays(t *testing.T) {
	missing := diag.Finding{ID: diag.Unread, Severity: diag.Error, Message: "b.yaml: cannot be read"}
	broken := diag.Finding{ID: "yaml/syntax", Severity: diag.Error, Message: "no such field"}
	partly := table("partly")
	partly.Unseen, partly.Findings = "some", []diag.Finding{missing}
	for name, c := range map[string]struct {
		work func() (report.View, error)
		want string
	}{
		"error":  {func() (report.View, error) { return report.View{}, errors.New("no answer from <server>") }, "no answer from &lt;server&gt;"},
		"panic":  {func() (report.View, error) { panic("index out of range") }, "a fault in the program: index out of range"},
		"unread": {func() (report.View, error) { return partly, nil }, "b.yaml: cannot be read"},
		"bare":   {func() (report.View, error) { return report.View{Title: "Fleet", Findings: []diag.Finding{broken}}, nil }, "no such field"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "fleet.yaml")
			write(t, file, "1")
			var broke atomic.Bool
			var clock atomic.Int64
			clock.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Unix())
			url := serve(t, &site.Site{
				Now: func() time.Time { return time.Unix(clock.Load(), 0) },
				Find: fixed(page("Plan", []string{file}, func() (report.View, error) {
					if broke.Load() {
						return c.work()
					}
					return table("the good one"), nil
				})),
			})
			broke.Store(true)
			clock.Add(3 * 3600)
			write(t, file, "22")
			var p answer
			until(t, func() bool {
				p = get(t, http.MethodGet, url+"/plan", nil)
				return p.head.Get("Treadmill-Up-To-Date") == "false"
			})
			for _, want := range []string{"the good one", "This page is 3 hours old (2026-11-23 09:00 UTC)",
				"refresh at 2026-11-23 12:00 UTC failed", c.want} {
				if !strings.Contains(p.body, want) {
					t.Errorf("lacks %q:\n%s", want, p.body)
				}
			}
			if m := get(t, http.MethodGet, url+"/metrics", nil); !strings.Contains(m.body, `treadmill_serve_page_up{page="Plan"} 0`) {
				t.Errorf("%s", m.body)
			}
			if i := get(t, http.MethodGet, url+"/", nil); !strings.Contains(i.body, "refresh failed at 2026-11-23 12:00") {
				t.Errorf("%s", i.body)
			}
			broke.Store(false)
			write(t, file, "333")
			until(t, func() bool {
				return get(t, http.MethodGet, url+"/plan", nil).head.Get("Treadmill-Up-To-Date") == "true"
			})
		})
	}
}

// TestPagesComeAndStay: a page of a new file is found, and one whose file is gone says so instead of vanishing.
func TestPagesComeAndStay(t *testing.T) {
	dir := t.TempDir()
	url := serve(t, &site.Site{Files: []string{dir}, Find: func() ([]site.Page, error) {
		names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		var out []site.Page
		for _, name := range names {
			out = append(out, page(strings.TrimSuffix(filepath.Base(name), ".yaml"), []string{name}, func() (report.View, error) {
				text, err := os.ReadFile(name)
				return table(string(text)), err
			}))
		}
		return out, err
	}})
	if a := get(t, http.MethodGet, url+"/fleet", nil); a.code != http.StatusNotFound {
		t.Fatalf("%+v", a)
	}
	write(t, filepath.Join(dir, "fleet.yaml"), "seen")
	until(t, func() bool { return strings.Contains(get(t, http.MethodGet, url+"/fleet", nil).body, "seen") })
	if err := os.Remove(filepath.Join(dir, "fleet.yaml")); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return strings.Contains(get(t, http.MethodGet, url+"/fleet", nil).body, "no such file") })
}

// TestOneRefreshAtATime: however slow pages are, two are never made at once, and readers get an answer meanwhile.
func TestOneRefreshAtATime(t *testing.T) {
	var busy, most atomic.Int32
	slow := func(name string) site.Page {
		return page(name, nil, func() (report.View, error) {
			most.Store(max(most.Load(), busy.Add(1)))
			time.Sleep(100 * time.Millisecond)
			busy.Add(-1)
			return table(name), nil
		})
	}
	url := serve(t, &site.Site{Find: fixed(slow("a"), slow("b"), slow("c"))})
	if get(t, http.MethodGet, url+"/c", nil).code != http.StatusOK || most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

// TestReadersAtOnce: 200 readers get whole pages at once.
func TestReadersAtOnce(t *testing.T) {
	url := serve(t, &site.Site{Find: fixed(page("Plan", nil, func() (report.View,
		error) {
		return table(strings.Repeat("x", 500_000)), nil
	}))})
	var readers sync.WaitGroup
	wrong := make(chan string, 200)
	for range 200 {
		readers.Go(func() {
			r, err := http.Get(url + "/plan")
			if err != nil {
				wrong <- err.Error()
				return
			}
			defer r.Body.Close()
			if body, err := io.ReadAll(r.Body); err != nil || len(body) < 500_000 || !strings.HasSuffix(string(body), "</html>\n") {
				wrong <- fmt.Sprint(err, len(body))
			}
		})
	}
	readers.Wait()
	close(wrong)
	for w := range wrong {
		t.Error(w)
	}
}

func TestTooLargeJSONIsNotKept(t *testing.T) {
	v := table("a")
	v.Data = map[string]any{"version": 1, "text": strings.Repeat("x", 33<<20)}
	url := serve(t, &site.Site{Find: fixed(page("Plan", nil, func() (report.View, error) { return v, nil }))})
	if get(t, http.MethodGet, url+"/plan", nil).code != http.StatusOK {
		t.Error("the page itself")
	}
	if a := get(t, http.MethodGet, url+"/plan.json", nil); a.code != http.StatusServiceUnavailable ||
		!strings.Contains(a.body, "larger than 32 MiB") {
		t.Errorf("%d %.100s", a.code, a.body)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
