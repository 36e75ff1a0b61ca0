// Package export shows a fleet's plan as Prometheus metrics, and has the alert rules that go with them.
//
// The way through it: the command line fills a Snapshot from a plan → Text writes it in the exposition format, Handler serves the
// newest one, and Rules are the alert rules on slack. It plans nothing, reads no files and keeps no clock; the metrics are gauges of what
// the plan said, under names that docs/export.md lists.
package export

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Snapshot is a plan as it is exported.
type Snapshot struct {
	Planned  time.Time // when the plan was made
	Currency string
	Bound    float64 // the plan's lower bound, in Currency
	Gap      float64 // (cost - bound) / cost
	Cost     map[string]float64
	Clusters []Cluster
	Months   []Month
}

// Cluster is what is exported of one cluster. Times that are zero are left out.
type Cluster struct {
	Name, Provider, Version, Environment, Group, Team, Region string

	StandardEnd, ExtendedEnd time.Time
	Due                      time.Time // the last support that the policy allows ends then, less the margin
	Slack                    *time.Duration
	NextHop                  time.Time // start of the next campaign
	NextVersion              string    // where it leads
	Unplanned                bool
}

// Month is the forecast of the fees for extended support in one calendar month, with the plan and without one.
type Month struct {
	Month         string // such as 2027-01
	With, Without float64
}

// Text writes a snapshot in the Prometheus text format.
func Text(w io.Writer, s Snapshot) error {
	registry, err := register(func() (Snapshot, bool) { return s, true })
	if err != nil {
		return err
	}
	families, err := registry.Gather()
	if err != nil {
		return fmt.Errorf("gather the metrics of the plan: %w", err)
	}
	var out bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&out, f); err != nil {
			return fmt.Errorf("write the metrics of the plan: %w", err)
		}
	}
	_, err = out.WriteTo(w)
	return err
}

func register(latest func() (Snapshot, bool)) (*prometheus.Registry, error) {
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(collector{latest}); err != nil {
		return nil, fmt.Errorf("register the metrics of the plan: %w", err)
	}
	return registry, nil
}
