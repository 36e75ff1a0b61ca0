package site

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"treadmill/cmd/internal/report"
)

// Handler answers readers: pages, the JSON behind each, metrics and health. It takes GET and HEAD alone.
func (s *Site) Handler() (http.Handler, error) {
	registry, err := s.register()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if index, _ := s.find(home); index.made.IsZero() {
			http.Error(w, "the pages are being made", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, home) })
	mux.HandleFunc("GET /{page}", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, r.PathValue("page")) })
	return s.guarded(mux), nil
}

// guarded refuses names that are not ours, by which another page in a reader's browser would reach us, and sets what browsers are told of
// all answers.
func (s *Site) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", report.Policy())
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cache-Control", "private, no-cache")
		counted := &recorder{ResponseWriter: w, code: http.StatusOK}
		defer func() { s.counts.answered(counted.code) }()
		if !s.ours(r.Host) {
			http.Error(counted, fmt.Sprintf("%q is no name of this server; start it with --host to serve it by that name", report.Safe(r.Host)),
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(counted, r)
	})
}

// ours reports whether a reader may ask by a name: an address, localhost, or one that was allowed. Only a name can be led elsewhere.
func (s *Site) ours(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || slices.ContainsFunc(s.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// find is what is kept of a page by the name in its address; ok is false where there is none. Nothing is kept of one that is being made.
func (s *Site) find(name string) (k kept, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if name == home {
		return s.index, true
	}
	for _, p := range s.pages {
		if address(p.Name) == "/"+name {
			return s.kept[p.Name], true
		}
	}
	return kept{}, false
}

// page answers with a page, or with the JSON behind it.
func (s *Site) page(w http.ResponseWriter, r *http.Request, name string) {
	name, data := strings.CutSuffix(name, ".json")
	if name == "index" {
		name = home
	}
	again, fine := reload(r)
	k, exists := s.find(name)
	switch {
	case !fine:
		http.Error(w, "refresh: want a number of seconds from 10 to 86400", http.StatusBadRequest)
	case !exists:
		http.Error(w, "there is no such page; / lists them", http.StatusNotFound)
	case k.tried.IsZero():
		w.Header().Set("Retry-After", "5")
		w.Header().Set("Refresh", "5")
		http.Error(w, "the page is being made", http.StatusServiceUnavailable)
	case k.made.IsZero():
		http.Error(w, "the page could not be made: "+k.problem, http.StatusServiceUnavailable)
	case data && k.json == nil:
		http.Error(w, "the JSON of this page: "+errLarge.Error(), http.StatusServiceUnavailable)
	default:
		head := w.Header()
		if head.Set("Content-Type", "text/html; charset=utf-8"); data {
			head.Set("Content-Type", "application/json")
		} else if again > 0 {
			head.Set("Refresh", strconv.Itoa(again))
		}
		head.Set("Last-Modified", k.made.UTC().Format(http.TimeFormat))
		head.Set("Treadmill-Up-To-Date", strconv.FormatBool(k.fine()))
		k.answer(data, s.age(k)).send(w, r)
	}
}

// reload is after how many seconds the reader wants the page again; 0 for never.
func reload(r *http.Request) (seconds int, ok bool) {
	text := r.URL.Query().Get("refresh")
	if text == "" {
		return 0, true
	}
	seconds, err := strconv.Atoi(text)
	return seconds, err == nil && seconds >= 10 && seconds <= 86400
}

// age says how old a page is.
func (s *Site) age(k kept) string {
	old := s.Now().Sub(k.made)
	text := fmt.Sprintf("Made %s UTC, %s ago.", minute(k.made), roughly(old))
	if k.problem != "" {
		text = fmt.Sprintf("This page is %s old (%s UTC): its refresh at %s UTC failed.", roughly(old), minute(k.made), minute(k.tried))
	}
	return text
}

// roughly says how long something lasted, in its largest unit.
func roughly(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.size); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "less than a minute"
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}
