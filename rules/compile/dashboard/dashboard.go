// Package dashboard makes dashboards for Grafana of what the rules of package compile record. It writes no file.
package dashboard

import (
	"encoding/json"
	"slices"
	"strings"

	"treadmill/rules/compile"
)

// Of are the dashboards of SLOs by file name: an overview of all, and one in detail. They read only series that the rules record, each with
// whatever external labels Prometheus, Thanos or Mimir put on it, so that two clusters are two lines
// (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).
func Of(drafts []*compile.Draft) (map[string][]byte, error) {
	by := []string{"component"}
	for _, d := range drafts {
		by = append(by, d.By...)
	}
	slices.Sort(by)
	by = slices.Compact(by)
	out := map[string][]byte{}
	for name, d := range map[string]dashboard{"slo-overview.json": overview(by), "slo-detail.json": detail(by)} {
		text, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			return nil, err
		}
		out[name] = append(text, '\n')
	}
	return out, nil
}

// dashboard is the part of Grafana's model that these dashboards use.
type dashboard struct {
	UID           string            `json:"uid"`
	Title         string            `json:"title"`
	Tags          []string          `json:"tags"`
	SchemaVersion int               `json:"schemaVersion"`
	Time          map[string]string `json:"time"`
	Templating    map[string]any    `json:"templating"`
	Panels        []panel           `json:"panels"`
}

type panel struct {
	ID          int            `json:"id"`
	Type        string         `json:"type"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Datasource  datasource     `json:"datasource"`
	GridPos     map[string]int `json:"gridPos"`
	FieldConfig map[string]any `json:"fieldConfig"`
	Targets     []target       `json:"targets"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type target struct {
	RefID   string `json:"refId"`
	Expr    string `json:"expr"`
	Legend  string `json:"legendFormat"`
	Instant bool   `json:"instant"`
}

func prometheus() datasource { return datasource{"prometheus", "${datasource}"} }

func newPanel(id int, kind, title, description, unit string, x, y, w, h int, targets ...target) panel {
	for i := range targets {
		targets[i].RefID = string(rune('A' + i))
	}
	return panel{ID: id, Type: kind, Title: title, Description: description, Datasource: prometheus(), Targets: targets,
		GridPos:     map[string]int{"x": x, "y": y, "w": w, "h": h},
		FieldConfig: map[string]any{"defaults": map[string]any{"unit": unit}, "overrides": []any{}}}
}

// burnOf is the burn over a window as a query. Objectives have the labels of the SLO and those that were put on from outside, and lack the
// labels by which events are grouped.
func burnOf(window, matchers string, by []string) string {
	return compile.BurnSeries + window + matchers + " or sum without (component) (" + compile.BadSeries + window + matchers + " / " +
		compile.TotalSeries + window + matchers + ") / ignoring (" + strings.Join(by, ", ") + ") group_left () (1 - " +
		compile.ObjectiveSeries + matchers + ")"
}

// named is a legend that tells clusters and groups apart.
func named(what string, by []string) string {
	out := what + " {{cluster}}"
	for _, name := range by {
		out += " {{" + name + "}}"
	}
	return out
}

func overview(by []string) dashboard {
	return dashboard{UID: "treadmill-slo-overview", Title: "SLOs", Tags: []string{"slo"}, SchemaVersion: 39,
		Time:       map[string]string{"from": "now-24h", "to": "now"},
		Templating: map[string]any{"list": []any{datasourceVariable()}},
		Panels: []panel{
			newPanel(1, "bargauge", "Error budget left", "Share of the period's budget; below 0 it is overspent", "percentunit", 0, 0, 12, 12,
				target{Expr: "sort(" + compile.BudgetSeries + ")", Legend: named("{{slo}}", by), Instant: true}),
			newPanel(2, "bargauge", "Burn over the last hour",
				"How many times faster than allowed; 1 spends the budget in exactly the period", "none", 12, 0, 12, 12,
				target{Expr: "sort_desc(" + burnOf("1h", "", by) + ")", Legend: named("{{slo}}", by), Instant: true}),
			newPanel(3, "timeseries", "Error budget left", "Share of the period's budget over time", "percentunit", 0, 12, 24, 9,
				target{Expr: compile.BudgetSeries, Legend: named("{{slo}}", by)}),
			newPanel(4, "table", "Alerts that fire", "Alerts of SLOs, with their severity", "none", 0, 21, 24, 8,
				target{Expr: `ALERTS{alertstate="firing",slo!=""}`, Instant: true}),
		}}
}

func detail(by []string) dashboard {
	const one = `{slo="$slo"}`
	var burns []target
	for _, w := range []string{"1h", "6h", "1d", "3d"} {
		burns = append(burns, target{Expr: burnOf(w, one, by), Legend: named(w, by)})
	}
	return dashboard{UID: "treadmill-slo-detail", Title: "SLO in detail", Tags: []string{"slo"}, SchemaVersion: 39,
		Time: map[string]string{"from": "now-24h", "to": "now"},
		Templating: map[string]any{"list": []any{datasourceVariable(), map[string]any{
			"name": "slo", "label": "SLO", "type": "query", "datasource": prometheus(),
			"query": "label_values(" + compile.InfoSeries + ", slo)", "refresh": 2}}},
		Panels: []panel{
			newPanel(1, "stat", "Objective", "Share of events that must be good", "percentunit", 0, 0, 6, 5,
				target{Expr: compile.ObjectiveSeries + one, Instant: true}),
			newPanel(2, "stat", "Error budget left", "Share of the period's budget", "percentunit", 6, 0, 6, 5,
				target{Expr: "min by (cluster) (" + compile.BudgetSeries + one + ")", Instant: true}),
			newPanel(3, "stat", "Events of five minutes", "All events that were counted", "short", 12, 0, 6, 5,
				target{Expr: "sum by (cluster) (" + compile.TotalSeries + "5m" + one + ")", Instant: true}),
			newPanel(4, "stat", "Bad events of five minutes", "Bad ones among them", "short", 18, 0, 6, 5,
				target{Expr: "sum by (cluster) (" + compile.BadSeries + "5m" + one + ")", Instant: true}),
			newPanel(5, "timeseries", "Error budget left", "Share of the period's budget over time", "percentunit", 0, 5, 24, 8,
				target{Expr: compile.BudgetSeries + one, Legend: named("left", by)}),
			newPanel(6, "timeseries", "Burn", "How many times faster than allowed the budget goes, by window", "none", 0, 13, 24, 9, burns...),
			newPanel(7, "timeseries", "Events", "Events of five minutes", "short", 0, 22, 24, 8,
				target{Expr: compile.TotalSeries + "5m" + one, Legend: named("all", by)},
				target{Expr: compile.BadSeries + "5m" + one, Legend: named("bad", by)}),
			newPanel(8, "table", "Alerts", "Alerts of this SLO that fire", "none", 0, 30, 24, 6,
				target{Expr: `ALERTS{alertstate="firing",slo="$slo"}`, Instant: true}),
		}}
}

func datasourceVariable() map[string]any {
	return map[string]any{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
}
