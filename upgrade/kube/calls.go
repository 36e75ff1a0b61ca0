package kube

import (
	"context"
	"io"
	"net/http"

	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/preflight"
)

// Calls reads the API server's metrics: which deprecated APIs were requested from it since it started. Where there are
// several API servers behind one address, it is that of one of them.
func (c *Cluster) Calls(ctx context.Context) ([]auditlog.Call, error) {
	found, _, err := c.metrics(ctx)
	return found, err
}

// metrics reads the API server's metrics once: the page is tens of megabytes on a large cluster, and is never held.
func (c *Cluster) metrics(ctx context.Context) (found []auditlog.Call, gates []preflight.Gate, err error) {
	err = c.get(ctx, "/metrics", nil, "text/plain;version=0.0.4", func(resp *http.Response) (err error) {
		page, copied := io.Pipe()
		read := make(chan error, 1)
		go func() {
			var err error
			gates, err = preflight.MetricGates("kube-apiserver", page)
			_ = page.CloseWithError(err) // always nil
			read <- err
		}()
		found, err = auditlog.Metrics(io.TeeReader(resp.Body, copied), c.at().File+": /metrics")
		_ = copied.CloseWithError(err) // always nil
		if broken := <-read; err == nil {
			err = broken
		}
		return err
	})
	return found, gates, err
}
