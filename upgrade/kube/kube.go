// Package kube reaches live clusters and reads what they are: their versions and nodes, the Helm releases in them, and what
// stands in the way of an upgrade besides their APIs.
//
// The way through it: Config → Connect → Cluster → Facts, Preflight, or the lists that package live judges. It only ever gets
// and lists, and it reads metadata where that is enough: the contents of a secret are read for Helm releases only, and
// are never part of a message. It is the one package that imports client-go, for kubeconfig files and authentication;
// requests and pages are its own.
package kube

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"treadmill/internal/diag"
	"treadmill/internal/net"
	"treadmill/internal/yamlx"
)

// Config says which clusters there are and how to reach them.
type Config struct {
	merged *api.Config
	// Agent is the user agent of all requests, and Timeout how long one may take, its answer included; 0 means net.Timeout.
	Agent   string
	Timeout time.Duration
	// Plugin is the program that runs credential plugins and ends those that take or write too much: its name and the arguments before
	// the time that they have, their name and their arguments. Without one they run as they are.
	Plugin []string
}

// InCluster is the name of the context that stands for the cluster in which the program runs.
const InCluster = "in-cluster"

// File is a kubeconfig file.
type File struct {
	Name string // its path, which names of files in it are relative to
	Data []byte
}

// Load reads kubeconfig files. What an earlier one has wins, each cluster, user and context as a whole.
func Load(files []File) (*Config, error) {
	merged := api.NewConfig()
	for _, f := range files {
		one, err := clientcmd.Load(f.Data)
		if err != nil {
			return nil, fmt.Errorf("read the kubeconfig %s: %w", f.Name, err)
		}
		for _, c := range one.Clusters {
			c.LocationOfOrigin = f.Name
		}
		for _, u := range one.AuthInfos {
			u.LocationOfOrigin = f.Name
		}
		if err := clientcmd.ResolveLocalPaths(one); err != nil {
			return nil, fmt.Errorf("read the kubeconfig %s: %w", f.Name, err)
		}
		merged.CurrentContext = cmp.Or(merged.CurrentContext, one.CurrentContext)
		first(merged.Clusters, one.Clusters)
		first(merged.AuthInfos, one.AuthInfos)
		first(merged.Contexts, one.Contexts)
	}
	return &Config{merged: merged}, nil
}

// first puts what is not there yet into a map.
func first[T any](into, from map[string]T) {
	for k, v := range from {
		if _, there := into[k]; !there {
			into[k] = v
		}
	}
}

// Contexts are the names of all contexts, in order.
func (c *Config) Contexts() []string {
	var names []string
	for name := range c.merged.Contexts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Current is the context that is used when none is named, "" when there is none.
func (c *Config) Current() string { return c.merged.CurrentContext }

// Connect prepares to read a cluster; it sends nothing yet.
func (c *Config) Connect(context string) (*Cluster, error) {
	if context == InCluster && c.merged.Contexts[context] == nil {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, err
		}
		return c.connect(config, context)
	}
	if c.merged.Contexts[context] == nil {
		return nil, fmt.Errorf("the kubeconfig has no context %q; %s", context, c.others(context))
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*c.merged, context, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("context %s: %w", context, err)
	}
	return c.connect(config, context)
}

// others says which contexts there are besides one that there is not.
func (c *Config) others(missing string) string {
	names := c.Contexts()
	if len(names) == 0 {
		return "it has no contexts: name a file that has some, by --kubeconfig or $KUBECONFIG"
	}
	return yamlx.DidYouMean(missing, names, "it has "+strings.Join(names, ", "))
}

func (c *Config) connect(config *rest.Config, name string) (*Cluster, error) {
	config.UserAgent = c.Agent
	plugin := ""
	if exec := config.ExecProvider; exec != nil && len(c.Plugin) > 0 {
		run := *exec
		plugin = exec.Command
		run.Command = c.Plugin[0]
		run.Args = slices.Concat(c.Plugin[1:], []string{cmp.Or(c.Timeout, net.Timeout).String(), exec.Command}, exec.Args)
		config.ExecProvider = &run
	}
	next, err := rest.TransportFor(config)
	if err != nil {
		return nil, fmt.Errorf("context %s: %w", name, err)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("context %s: %w", name, err)
	}
	out := &Cluster{Name: name, base: base, limits: net.Limits{Timeout: cmp.Or(c.Timeout, net.Timeout), Body: maxBody}}
	if plugin != "" {
		out.plugin = strings.NewReplacer("exec: executable "+c.Plugin[0], "the credential plugin "+plugin)
	}
	out.secrets.Add(config.BearerToken, config.Password)
	out.client = net.Client(next, out.limits, &out.secrets, false)
	return out, nil
}

// Cluster is one cluster. Its methods may be called from many goroutines.
type Cluster struct {
	Name      string // of its context
	Namespace string // the only one to look at, for which a Role is enough; "" for all, and for objects without one
	client    *http.Client
	limits    net.Limits
	secrets   net.Secrets
	plugin    *strings.Replacer // puts the name of the credential plugin into errors; nil when there is none
	base      *url.URL
	answered  atomic.Bool
	lists     atomic.Int64
	listed    atomic.Int64
	seen      atomic.Int64
}

// Progress is how far the reading of a cluster is.
type Progress struct {
	Lists, Listed int // how many lists are to be read, and how many have been
	Objects       int // how many objects have been seen
}

// Progress returns how far the reading is; it may be called at any time.
func (c *Cluster) Progress() Progress {
	return Progress{int(c.lists.Load()), int(c.listed.Load()), int(c.seen.Load())}
}

// Server is the address of its API server, by which contexts of one cluster are told.
func (c *Cluster) Server() string { return c.base.String() }

// At is the place of findings about the cluster.
func (c *Cluster) At() diag.Position { return diag.Position{File: "context " + c.Name} }

// Unread is the finding for a part of the cluster that could not be seen.
func (c *Cluster) Unread(what string, err error) diag.Finding {
	return diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: c.At(), Message: what + " cannot be read: " + err.Error()}
}
