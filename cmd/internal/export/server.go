package export

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server serves the metrics of a plan that is made anew from time to time.
type Server struct {
	Plan  func(context.Context) (Snapshot, error) // makes a plan
	Every time.Duration                           // how often
	Log   func(format string, args ...any)        // hears of plans that failed

	mu     sync.Mutex
	latest Snapshot
	fresh  bool
}

// refresh plans once. A plan that fails leaves the last one standing, and is not fresh.
func (s *Server) refresh(ctx context.Context) error {
	next, err := s.Plan(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh = err == nil
	if err == nil {
		s.latest = next
	}
	return err
}

func (s *Server) snapshot() (Snapshot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest, s.fresh
}

// Handler serves /metrics, and a page that leads there.
func (s *Server) Handler() (http.Handler, error) {
	registry, err := register(s.snapshot)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>treadmill</title><p><a href=\"/metrics\">The plan as metrics</a></p>\n")
	})
	return mux, nil
}

// Serve plans once, serves on the listener, plans again every so often, and returns when the context ends. A first plan that fails
// is an error; later ones are logged and show as treadmill_plan_up 0.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	handler, err := s.Handler()
	if err != nil {
		return err
	}
	if err := s.refresh(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return fmt.Errorf("serve the metrics: %w", err)
		case <-tick.C:
			if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
				s.Log("the plan could not be made anew: %v", err)
			}
		case <-ctx.Done():
			wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return server.Shutdown(wait)
		}
	}
}
