package addons

import (
	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// addonsData is the machine shape of `upgrade addons`.
type addonsData struct {
	Version  int            `json:"version"`
	Now      windows.Day    `json:"now"`
	To       upgrade.Minor  `json:"to"`
	Addons   []addonData    `json:"addons"`
	Findings []diag.Finding `json:"findings"`
}

type addonData struct {
	Name      string         `json:"name"`
	Title     string         `json:"title"`
	Aliases   []string       `json:"aliases"`
	MinorStep int            `json:"minorStep"`
	Page      string         `json:"page,omitempty"`
	Retired   *retiredData   `json:"retired,omitempty"`
	First     string         `json:"first,omitempty"`    // the first release that fits To
	Forecast  *date.Data     `json:"forecast,omitempty"` // when one is likely, where there is none
	State     addons.State   `json:"state"`              // of First or Forecast: tested, declared, expected, unconfirmed, ended or unknown
	Lags      []lagData      `json:"lags"`
	Read      windows.Day    `json:"read"`
	Stale     bool           `json:"stale"`
	Images    []string       `json:"images"`
	Charts    []string       `json:"charts"`
	Sources   []date.Source  `json:"sources"`
	Notes     []string       `json:"notes"`
	Releases  []addonRelease `json:"releases"`
}

type retiredData struct {
	Date    windows.Day `json:"date"`
	Reason  string      `json:"reason"`
	Instead []string    `json:"instead"`
	Source  string      `json:"source"`
}

type lagData struct {
	Minor   upgrade.Minor `json:"minor"`
	Release string        `json:"release"`
	Days    int           `json:"days"`
}

type addonRelease struct {
	Version    string            `json:"version"`
	Kubernetes addons.Range      `json:"kubernetes"`
	Semantics  addons.Semantics  `json:"semantics"`
	Confidence addons.Confidence `json:"confidence"`
	Fit        addons.Fit        `json:"fit"`   // to To
	State      addons.State      `json:"state"` // what stands behind Fit
	Released   windows.Day       `json:"released,omitempty"`
	Source     string            `json:"source"`
	Note       string            `json:"note,omitempty"`
}

func (v addonsView) newAddonData(x addons.Addon) addonData {
	d := addonData{
		Name:      x.Name,
		Title:     x.Title,
		Aliases:   app.Strings(x.Aliases),
		MinorStep: x.MinorStep,
		Page:      x.Page,
		Lags:      []lagData{},
		Read:      x.Read(),
		Stale: x.Stale(
			v.now,
		),
		Images:   app.Strings(x.Images),
		Charts:   app.Strings(x.Charts),
		Sources:  []date.Source{},
		Notes:    app.Strings(x.Notes),
		Releases: []addonRelease{},
	}
	if r := x.Retired; r != nil {
		d.Retired = &retiredData{r.Date, r.Reason, app.Strings(r.Instead), r.Source}
	}
	if first, ok := x.First(v.to); ok {
		d.First, d.State = first.Version, v.table.Check(x.Name, first.Version, v.to).State
	} else if x.Retired != nil {
		d.State = addons.StateEnded
	} else if f, ok := v.table.Forecast(x.Name, v.to, v.calendar); ok && x.Limited() {
		d.Forecast, d.State = date.NewData(f), addons.Forecasts(f, v.now)
	}
	for _, l := range x.Lags(v.calendar) {
		d.Lags = append(d.Lags, lagData(l))
	}
	for _, s := range x.Sources {
		d.Sources = append(d.Sources, date.Source(s))
	}
	for _, r := range x.Releases {
		verdict := v.table.Check(x.Name, r.Version, v.to)
		d.Releases = append(
			d.Releases,
			addonRelease{r.Version, r.Kubernetes, r.Semantics, r.Confidence, verdict.Fit, verdict.State, r.Released, r.Source, r.Note},
		)
	}
	return d
}
