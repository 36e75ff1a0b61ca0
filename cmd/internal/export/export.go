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
	Planned  time.Time          `json:"planned"` // when the plan was made
	Currency string             `json:"currency"`
	Bound    float64            `json:"bound"` // the plan's lower bound, in Currency
	Gap      float64            `json:"gap"`   // (cost - bound) / cost
	Cost     map[string]float64 `json:"cost"`  // by part
	Clusters []Cluster          `json:"clusters"`
	Months   []Month            `json:"months"`
	Drift    []Drift            `json:"drift,omitempty"`
}

// Drift is how far one cluster is from what files say, in one kind of comparison.
type Drift struct {
	Cluster  string    `json:"cluster"`
	Kind     string    `json:"kind"`
	Findings int       `json:"findings"`
	Known    bool      `json:"known"` // all of it could be compared
	At       time.Time `json:"at,omitzero"`
}

// Cluster is what is exported of one cluster. Times that are zero are left out.
type Cluster struct {
	Name        string `json:"name"`
	Provider    string `json:"provider"`
	Version     string `json:"version"`
	Environment string `json:"environment"`
	Group       string `json:"group"`
	Team        string `json:"team"`
	Region      string `json:"region"`

	StandardEnd time.Time      `json:"standardEnd,omitzero"`
	ExtendedEnd time.Time      `json:"extendedEnd,omitzero"`
	Due         time.Time      `json:"due,omitzero"` // the last support that the policy allows ends then, less the margin
	Slack       *time.Duration `json:"slackNanoseconds,omitempty"`
	NextHop     time.Time      `json:"nextHop,omitzero"`      // start of the next campaign
	NextVersion string         `json:"nextVersion,omitempty"` // where it leads
	Unplanned   bool           `json:"unplanned"`
}

// Month is the forecast of the fees for extended support in one calendar month, with the plan and without one.
type Month struct {
	Month   string  `json:"month"` // such as 2027-01
	With    float64 `json:"with"`
	Without float64 `json:"without"`
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
