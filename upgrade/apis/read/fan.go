package read

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Fan gives the inputs out to as many workers as there are processors; each gets a sequence of its own. It returns when all
// of them have.
func Fan(ctx context.Context, inputs iter.Seq[Input], work func(part iter.Seq[Input])) {
	queue := make(chan Input, 256)
	part := func(yield func(Input) bool) {
		for in := range queue {
			if ctx.Err() == nil && !yield(in) {
				return
			}
		}
	}
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() { work(part) })
	}
	for in := range inputs {
		select {
		case queue <- in:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wait.Wait()
}
