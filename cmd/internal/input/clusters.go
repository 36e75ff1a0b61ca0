package input

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/kube"
)

// ClusterFlags say which clusters to read.
type ClusterFlags struct {
	Contexts   []string
	kubeconfig string
}

// Add adds the flags to a command.
func (k *ClusterFlags) Add(a *app.App, c *cobra.Command) {
	c.Flags().
		StringSliceVar(&k.Contexts, "context", nil, "context of the kubeconfig, or \"*\" for all; repeat it for more (default: the current one)")
	c.Flags().StringVar(&k.kubeconfig, "kubeconfig", "", "kubeconfig file (default: $KUBECONFIG, or ~/.kube/config)")
	app.CompleteFlag(c, "context", func(*cobra.Command) []cobra.Completion {
		config, err := readKubeconfig(a, k.kubeconfig)
		if err != nil {
			return nil
		}
		return append(config.Contexts(), cobra.CompletionWithDesc("*", "all contexts"))
	})
}

// ConnectClusters prepares to read the clusters. A context that does not exist is a mistake in the command line.
func ConnectClusters(a *app.App, k *ClusterFlags) ([]*kube.Cluster, error) {
	config, err := readKubeconfig(a, k.kubeconfig)
	if err != nil {
		return nil, err
	}
	names, err := contexts(k.Contexts, config, a.Env.Getenv("KUBERNETES_SERVICE_HOST") != "")
	if err != nil {
		return nil, err
	}
	var clusters []*kube.Cluster
	for _, name := range names {
		c, err := config.Connect(name)
		if err != nil {
			return nil, app.Usage("%w", err)
		}
		clusters = append(clusters, c)
	}
	return clusters, nil
}

// maxKubeconfig is the largest kubeconfig file that is read, in bytes.
const maxKubeconfig = 16 << 20

// readKubeconfig reads the named file, or the files that kubectl would read, of which those that do not exist are left out.
func readKubeconfig(a *app.App, named string) (*kube.Config, error) {
	paths := filepath.SplitList(a.Env.Getenv("KUBECONFIG"))
	switch {
	case named != "":
		paths = []string{named}
	case len(paths) == 0 && a.Env.Getenv("HOME") != "":
		paths = []string{filepath.Join(a.Env.Getenv("HOME"), ".kube", "config")}
	}
	var files []kube.File
	for _, path := range paths {
		in, err := a.ReadUpTo(path, maxKubeconfig)
		switch {
		case named == "" && errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case len(in.Data) > maxKubeconfig:
			return nil, fmt.Errorf("%s is larger than %d MiB: it is no kubeconfig", path, maxKubeconfig>>20)
		}
		files = append(files, kube.File{Name: path, Data: in.Data})
	}
	config, err := kube.Load(files)
	if err != nil {
		return nil, err
	}
	config.Agent, config.Timeout = "treadmill", a.Timeout
	if a.Env.Self != "" {
		config.Plugin = []string{a.Env.Self, app.PluginArg}
	}
	return config, nil
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

// ShowProgress shows how far the reading of clusters is.
func ShowProgress(a *app.App, clusters []*kube.Cluster) (stop func()) {
	return a.Showing(func(time.Duration) string { return progressLine(clusters) })
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
	line := fmt.Sprintf("%d of %d lists, %s", listed, lists, app.Count(objects, "object", "objects"))
	if len(busy) > 0 && len(busy) <= 3 {
		line += ": " + strings.Join(busy, ", ")
	} else if len(busy) > 3 {
		line += fmt.Sprintf(": %d clusters", len(busy))
	}
	return line
}
