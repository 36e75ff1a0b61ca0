package prom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

// Loaded is what a server has loaded.
type Loaded struct {
	Groups   []LoadedGroup
	Warnings []string // why some groups may not be among them
}

// LoadedGroup is a group of rules as a server has it.
type LoadedGroup struct {
	Name     string       `json:"name"`
	File     string       `json:"file"`
	Interval float64      `json:"interval"` // seconds
	Rules    []LoadedRule `json:"rules"`
}

// LoadedRule is a rule as a server has it, and what went wrong when it last evaluated it.
type LoadedRule struct {
	Type        string            `json:"type"` // alerting or recording
	Name        string            `json:"name"`
	Expr        string            `json:"query"`
	For         float64           `json:"duration"`      // seconds
	Keep        *float64          `json:"keepFiringFor"` // seconds; nil where the server does not tell
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Health      v1.RuleHealth     `json:"health"`
	LastError   string            `json:"lastError"`
}

// Alerting reports whether the rule is that of an alert.
func (r LoadedRule) Alerting() bool { return r.Type == string(v1.RuleTypeAlerting) }

// Failure is why the rule could not be evaluated; "" for one that could.
func (r LoadedRule) Failure() string {
	switch {
	case r.Health != v1.RuleHealthBad:
		return ""
	case r.LastError == "":
		return "the server does not say why"
	}
	return r.LastError
}

// Rules are the groups that the server has loaded: Prometheus, the rulers of Thanos and Mimir. The client of Prometheus leaves out how long
// alerts are kept, and that an answer is one in part, so that it is read here.
func (c *Client) Rules(ctx context.Context) (Loaded, error) {
	all, err := c.rules(ctx)
	if err != nil {
		return all, fmt.Errorf("ask the server for its rules: %w", c.plain(err))
	}
	for i, w := range all.Warnings {
		all.Warnings[i] = c.guard.secrets.Redact(w)
	}
	return all, nil
}

func (c *Client) rules(ctx context.Context) (all Loaded, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.http.URL("/api/v1/rules", nil).String(), nil)
	if err != nil {
		return all, err
	}
	resp, body, err := c.http.Do(ctx, req)
	if err != nil {
		return all, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	var answer struct {
		Status   string   `json:"status"`
		Error    string   `json:"error"`
		Warnings []string `json:"warnings"`
		Data     *struct {
			Groups []LoadedGroup `json:"groups"`
		} `json:"data"`
	}
	problem := json.Unmarshal(body, &answer)
	switch {
	case answer.Error != "":
		return all, errors.New(answer.Error)
	case resp.StatusCode != http.StatusOK:
		return all, fmt.Errorf("it answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case problem != nil:
		return all, fmt.Errorf("its answer is not that of the Prometheus API: %w", problem)
	case answer.Status != "success" || answer.Data == nil:
		return all, errors.New("its answer is not that of the Prometheus API: it has no groups")
	}
	return Loaded{Groups: answer.Data.Groups, Warnings: answer.Warnings}, nil
}
