package kube

import (
	"context"
	"net/http"

	"treadmill/upgrade/calls"
)

// Calls reads the API server's metrics: which deprecated APIs were requested from it since it started. Where there are
// several API servers behind one address, it is that of one of them.
func (c *Cluster) Calls(ctx context.Context) ([]calls.Call, error) {
	var found []calls.Call
	err := c.get(ctx, "/metrics", nil, "text/plain;version=0.0.4", func(resp *http.Response) (err error) {
		found, err = calls.Metrics(resp.Body, c.at().File+": /metrics")
		return err
	})
	return found, err
}
