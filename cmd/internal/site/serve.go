package site

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/netutil"
)

const (
	maxReaders = 512 // connections at once; more wait
	lookShare  = 20  // looking takes at most this part of the time: a large tree is looked at more rarely
)

// Serve makes the pages and serves them on the listener until the context ends; then readers have some time to get what they asked for.
func (s *Site) Serve(ctx context.Context, l net.Listener) error {
	handler, err := s.Handler()
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(netutil.LimitListener(l, maxReaders)) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go s.follow(ctx)
	select {
	case err := <-ended:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if server.Shutdown(wait) != nil {
			return server.Close() // readers that are slower than that are left
		}
		return nil
	}
}

// follow makes pages anew, one at a time, until the context ends: all of them every so often, and those whose files changed soon after.
func (s *Site) follow(ctx context.Context) {
	var files watcher
	var all time.Time
	for pause := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		begin := time.Now()
		changed := files.look(s.watched())
		pause = max(s.Look, lookShare*time.Since(begin))
		due := time.Since(all) >= s.Every
		if !due && len(changed) == 0 {
			continue
		}
		if s.discover() || due {
			due, all = true, time.Now()
			files.look(s.watched()) // of pages that are new
		}
		s.refresh(ctx, func(p Page) bool {
			return due || slices.ContainsFunc(p.Files, func(f string) bool { return changed[f] })
		})
	}
}

// watched are the files of all pages, and those that pages are found in.
func (s *Site) watched() []string {
	pages, _, _ := s.snapshot()
	out := slices.Clone(s.Files)
	for _, p := range pages {
		out = append(out, p.Files...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
