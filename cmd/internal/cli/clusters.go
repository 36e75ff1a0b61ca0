package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/kube"
)

// clusterFlags say which clusters to read.
type clusterFlags struct {
	contexts   []string
	kubeconfig string
}

func (k *clusterFlags) add(c *cobra.Command) {
	c.Flags().StringSliceVar(&k.contexts, "context", nil, "context of the kubeconfig, or \"*\" for all; repeat it for more (default: the current one)")
	c.Flags().StringVar(&k.kubeconfig, "kubeconfig", "", "kubeconfig file (default: $KUBECONFIG, or ~/.kube/config)")
}

// connect prepares to read the clusters. A context that does not exist is a mistake in the command line.
func (a *app) connect(k *clusterFlags) ([]*kube.Cluster, error) {
	config, err := a.kubeconfig(k.kubeconfig)
	if err != nil {
		return nil, err
	}
	names, err := contexts(k.contexts, config, a.env.Getenv("KUBERNETES_SERVICE_HOST") != "")
	if err != nil {
		return nil, err
	}
	var clusters []*kube.Cluster
	for _, name := range names {
		c, err := config.Connect(name)
		if err != nil {
			return nil, usage("%w", err)
		}
		clusters = append(clusters, c)
	}
	return clusters, nil
}

// kubeconfig reads the named file, or the files that kubectl would read.
func (a *app) kubeconfig(named string) (*kube.Config, error) {
	paths := filepath.SplitList(a.env.Getenv("KUBECONFIG"))
	switch {
	case named != "":
		f, err := a.env.Open(named)
		if err != nil {
			return nil, plainError(err)
		}
		_ = f.Close() // it was only to see that it can be read
		paths = []string{named}
	case len(paths) == 0 && a.env.Getenv("HOME") != "":
		paths = []string{filepath.Join(a.env.Getenv("HOME"), ".kube", "config")}
	}
	return kube.Load(paths, "treadmill")
}

// contexts resolves what the user asked for to names of contexts, each once. inside says that the program runs in a cluster.
func contexts(asked []string, config *kube.Config, inside bool) ([]string, error) {
	if len(asked) == 0 {
		switch {
		case config.Current() != "":
			return []string{config.Current()}, nil
		case inside:
			return []string{kube.InCluster}, nil
		}
		return nil, fmt.Errorf("there is no cluster to read: the kubeconfig has no current context; name one with --context")
	}
	var names []string
	seen := map[string]bool{}
	for _, ask := range asked {
		these := []string{ask}
		if ask == "*" {
			these = config.Contexts()
		}
		for _, name := range these {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// progress shows how far the reading of clusters is.
func (a *app) progress(clusters []*kube.Cluster) (stop func()) {
	return a.showing(func(time.Duration) string { return progressLine(clusters) })
}

// showing shows on a terminal what is being done, on one line of standard error that stop takes away. Work that is over at
// once shows nothing.
func (a *app) showing(line func(since time.Duration) string) (stop func()) {
	if !a.env.Progress {
		return func() {}
	}
	done, start := make(chan struct{}), time.Now()
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				fmt.Fprint(a.env.Stderr, "\r\x1b[K")
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprintf(a.env.Stderr, "\r\x1b[K%s", line(time.Since(start)))
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wait.Wait() })
}

// progressLine sums up all clusters, as there may be more of them than a line holds.
func progressLine(clusters []*kube.Cluster) string {
	var busy []string
	lists, listed, objects := 0, 0, 0
	for _, c := range clusters {
		p := c.Progress()
		lists, listed, objects = lists+p.Lists, listed+p.Listed, objects+p.Objects
		if p.Lists == 0 || p.Listed < p.Lists {
			busy = append(busy, report.Safe(c.Name))
		}
	}
	line := fmt.Sprintf("%d of %d lists, %s", listed, lists, count(objects, "object", "objects"))
	if len(busy) > 0 && len(busy) <= 3 {
		line += ": " + strings.Join(busy, ", ")
	} else if len(busy) > 3 {
		line += fmt.Sprintf(": %d clusters", len(busy))
	}
	return line
}
