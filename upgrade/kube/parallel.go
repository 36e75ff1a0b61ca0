package kube

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"treadmill/upgrade"
	"treadmill/upgrade/inventory"
)

// workers is how many lists of one cluster are read at the same time. The server's priority and fairness does the rest:
// it answers 429 when it wants less, and is then left alone for as long as it asks.
const workers = 4

// Parallel reads lists, some at a time; each counts for the progress.
func (c *Cluster) Parallel(lists []func()) {
	var wait sync.WaitGroup
	c.lists.Add(int64(len(lists)))
	queue := make(chan func())
	for range min(workers, len(lists)) {
		wait.Go(func() {
			for read := range queue {
				read()
				c.listed.Add(1)
			}
		})
	}
	for _, read := range lists {
		queue <- read
	}
	close(queue)
	wait.Wait()
}

// There makes sure that the namespace to look at exists, as far as the user may see it: of one that does not, an API server
// lists nothing and reports no error.
func (c *Cluster) There(ctx context.Context) error {
	if c.Namespace == "" {
		return nil
	}
	var answer struct{}
	if err := c.document(ctx, "/api/v1/namespaces/"+url.PathEscape(c.Namespace), "application/json", &answer); code(
		err,
	) == http.StatusNotFound {
		return fmt.Errorf("the namespace %s: %w", c.Namespace, err)
	}
	return ctx.Err()
}

// Version is what the API server says it is, such as "v1.34.2-eks-1234567". One that emulates an earlier minor is that minor, as it serves
// the APIs of that one and has its features (KEP-4330, --emulated-version); by is then what it is built as.
func (c *Cluster) Version(ctx context.Context) (version, by string, err error) {
	var v struct {
		GitVersion     string `json:"gitVersion"`
		EmulationMajor string `json:"emulationMajor"`
		EmulationMinor string `json:"emulationMinor"`
	}
	if err := c.document(ctx, "/version", "application/json", &v); err != nil {
		return "", "", fmt.Errorf("read the version: %w", err)
	}
	as, emulates := upgrade.ParseMinor(v.EmulationMajor + "." + strings.TrimRight(v.EmulationMinor, "+"))
	built, unknown := inventory.MinorOf(v.GitVersion)
	if emulates == nil && unknown == nil && as != built {
		return "v" + as.String() + ".0-emulated-by-" + v.GitVersion, v.GitVersion, nil
	}
	return v.GitVersion, "", nil
}
