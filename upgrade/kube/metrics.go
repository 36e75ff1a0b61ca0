package kube

import (
	"context"
	"io"
	"net/http"
)

// Metrics reads the API server's metrics once, with several readers side by side: the page is tens of megabytes on a large
// cluster, and is never held. The error is that of the first reader that has one. Where there are several API servers behind
// one address, the metrics are those of one of them.
func (c *Cluster) Metrics(ctx context.Context, first func(io.Reader) error, others ...func(io.Reader) error) error {
	return c.get(ctx, "/metrics", nil, "text/plain;version=0.0.4", func(resp *http.Response) error {
		results := make(chan error, len(others))
		var in io.Reader = resp.Body
		var pipes []*io.PipeWriter
		for _, other := range others {
			page, copied := io.Pipe()
			go func() {
				err := other(page)
				_ = page.CloseWithError(err) // always nil
				results <- err
			}()
			in, pipes = io.TeeReader(in, copied), append(pipes, copied)
		}
		err := first(in)
		for _, p := range pipes {
			_ = p.CloseWithError(err) // always nil
		}
		for range others {
			if broken := <-results; err == nil {
				err = broken
			}
		}
		return err
	})
}
