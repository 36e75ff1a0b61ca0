package site

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"treadmill/internal/diag"
)

// counts is what happened so far.
type counts struct {
	mu           sync.Mutex
	requests     map[int]uint64 // by status
	good, failed uint64         // refreshes
}

func (c *counts) answered(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = map[int]uint64{}
	}
	c.requests[code]++
}

func (c *counts) refreshed(k kept) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.fine() {
		c.good++
	} else {
		c.failed++
	}
}

// collector makes metrics of a site.
type collector struct{ site *Site }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("treadmill_serve_"+name, help, labels, nil)
}

// Describe says nothing: which series there are depends on the pages.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics of now.
func (c collector) Collect(out chan<- prometheus.Metric) {
	pages, all, problem := c.site.snapshot()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(desc("files_up", "Whether the files could be searched at the newest attempt."), boolean(problem == ""))
	for _, p := range pages {
		k := all[p.Name]
		if k.tried.IsZero() {
			continue
		}
		gauge(desc("page_up", "Whether the newest refresh of the page went well.", "page"), boolean(k.fine()), p.Name)
		gauge(desc("page_refresh_seconds", "How long the newest refresh of the page took.", "page"), k.took.Seconds(), p.Name)
		gauge(desc("page_bytes", "Memory that the page and its JSON take.", "page"), float64(len(k.before)+len(k.after)+len(k.json)), p.Name)
		if k.made.IsZero() {
			continue
		}
		gauge(desc("page_timestamp_seconds", "When the page that is shown was made.", "page"), float64(k.made.Unix()), p.Name)
		for _, severity := range []diag.Severity{diag.Info, diag.Warning, diag.Error} {
			gauge(desc("findings", "Findings on the page.", "page", "severity"), float64(k.found[severity]), p.Name, severity.String())
		}
	}
	counter := func(d *prometheus.Desc, v uint64, label string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), label)
	}
	n := &c.site.counts
	n.mu.Lock()
	defer n.mu.Unlock()
	for code, total := range n.requests {
		counter(desc("requests_total", "Answers to readers, by status.", "code"), total, strconv.Itoa(code))
	}
	counter(desc("refreshes_total", "Refreshes of pages, by how they went.", "result"), n.good, "fine")
	counter(desc("refreshes_total", "Refreshes of pages, by how they went.", "result"), n.failed, "failed")
}

func boolean(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (s *Site) register() (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{
		collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of the server: %w", err)
		}
	}
	return registry, nil
}
