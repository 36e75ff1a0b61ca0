package live

import (
	"context"
	"io"

	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/kube"
)

// Calls reads from the API server's metrics which deprecated APIs were requested from it since it started.
func Calls(ctx context.Context, c *kube.Cluster) (found []auditlog.Call, err error) {
	err = c.Metrics(ctx, Requested(c, &found))
	return found, err
}

// Requested reads the calls out of a page of metrics.
func Requested(c *kube.Cluster, into *[]auditlog.Call) func(page io.Reader) error {
	return func(page io.Reader) (err error) {
		*into, err = auditlog.Metrics(page, c.At().File+": /metrics")
		return err
	}
}
