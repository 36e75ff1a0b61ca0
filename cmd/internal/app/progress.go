package app

import (
	"fmt"
	"sync"
	"time"
)

// Showing shows on a terminal what is being done, on one line of standard error that stop takes away. Work that is over at
// once shows nothing.
func (a *App) Showing(line func(since time.Duration) string) (stop func()) {
	if !a.Env.Progress {
		return func() {}
	}
	done, start := make(chan struct{}), time.Now()
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				fmt.Fprint(a.Env.Stderr, "\r\x1b[K")
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprintf(a.Env.Stderr, "\r\x1b[K%s", line(time.Since(start)))
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wait.Wait() })
}
