package app

import (
	"context"
	"fmt"
	"time"

	"treadmill/cmd/internal/report"
)

// grace is how long work that was told to stop may take to end and to say what it has.
const grace = time.Second

// within does the work in the time that --deadline gives it. What does not stop when it is told to is left behind.
func (a *App) within(ctx context.Context, work func(context.Context) (report.View, error)) (report.View, error) {
	if a.Timeout < 0 || a.Within < 0 {
		return report.View{}, Usage("--timeout and --deadline cannot be negative")
	}
	if a.Within == 0 {
		return work(ctx)
	}
	over := fmt.Errorf("the work was not done within %s (--deadline)", a.Within)
	limited, cancel := context.WithTimeoutCause(ctx, a.Within, over)
	defer cancel()
	type result struct {
		view report.View
		err  error
	}
	done := make(chan result, 1)
	go func() {
		view, err := work(limited)
		done <- result{view, err}
	}()
	var late <-chan time.Time
	stopped := limited.Done()
	for {
		select {
		case r := <-done:
			if r.err != nil && limited.Err() != nil && ctx.Err() == nil {
				r.err = over
			}
			return r.view, r.err
		case <-stopped:
			stopped, late = nil, time.After(grace)
		case <-late:
			return report.View{}, over
		}
	}
}
