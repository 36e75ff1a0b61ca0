package windows

import (
	"encoding/json"
	"math"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// windowsData is the machine shape of `upgrade windows`.
type windowsData struct {
	Version   int            `json:"version"`
	Now       windows.Day    `json:"now"`
	Providers []providerData `json:"providers"`
	Windows   []windowData   `json:"windows"`
	Findings  []diag.Finding `json:"findings"`
}

type providerData struct {
	Name            string         `json:"name"`
	Title           string         `json:"title"`
	Aliases         []string       `json:"aliases"`
	NodeSkew        int            `json:"nodeSkew"`
	RollbackDays    int            `json:"rollbackDays"`
	ExtendedSupport *priceData     `json:"extendedSupport"`
	Channels        []channelData  `json:"channels"`
	Terms           []termData     `json:"terms"` // of extended support, in order; [] for a provider with a single one
	Read            windows.Day    `json:"read"`  // newest source
	Age             int            `json:"ageDays"`
	Stale           bool           `json:"stale"`               // dates ahead, or the price, were read more than 90 days ago
	StaleRead       windows.Day    `json:"staleRead,omitempty"` // the oldest of those
	Sources         []date.Source  `json:"sources"`
	Notes           []string       `json:"notes"`
	Backtest        []backtestData `json:"backtest"`
}

type priceData struct {
	PerClusterHour json.Number `json:"perClusterHour"`
	Currency       string      `json:"currency"`
	Source         string      `json:"source"`
	Note           string      `json:"note,omitempty"`
}

type channelData struct {
	Name     string      `json:"name"`
	Aliases  []string    `json:"aliases"`
	Extended bool        `json:"extended"`
	Note     string      `json:"note,omitempty"`
	Ends     windows.Day `json:"ends,omitempty"` // the channel is no more from then on, and its clusters are in Then
	Then     string      `json:"then,omitempty"`
	Source   string      `json:"source,omitempty"`
}

type termData struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
}

type backtestData struct {
	Ahead     int     `json:"releasesAhead"`
	N         int     `json:"predictions"`
	MeanError float64 `json:"meanErrorDays"`
	MaxError  int     `json:"maxErrorDays"`
}

type windowData struct {
	Provider    string               `json:"provider"`
	Minor       upgrade.Minor        `json:"minor"`
	Release     string               `json:"release,omitempty"`
	Named       *windows.Status      `json:"releaseStatus,omitempty"` // of Release: planned for a name that a version to come is expected to have
	State       windows.State        `json:"state"`
	Available   *date.Data           `json:"available"`
	StandardEnd *date.Data           `json:"standardEnd"`
	ExtendedEnd *date.Data           `json:"extendedEnd"`
	Others      map[string]date.Data `json:"others,omitempty"`
}

func newProviderData(p windows.Provider, backtest []windows.Accuracy, old windows.Old, now windows.Day) providerData {
	out := providerData{Name: p.Name, Title: p.Title, Aliases: app.Strings(p.Aliases), NodeSkew: p.NodeSkew, RollbackDays: p.RollbackDays,
		Channels: []channelData{}, Terms: []termData{}, Read: p.Read(), Age: p.Age(now), Stale: !old.IsZero(), StaleRead: old.Read(),
		Sources: []date.Source{}, Notes: app.Strings(p.Notes), Backtest: []backtestData{}}
	if e := p.Extended; e != nil {
		out.ExtendedSupport = &priceData{json.Number(e.Amount()), e.Currency, e.Source, e.Note}
	}
	for _, c := range p.Channels {
		out.Channels = append(out.Channels, channelData{c.Name, app.Strings(c.Aliases), c.Extended, c.Note, c.Ends, c.Then, c.Source})
	}
	for _, t := range p.Terms {
		out.Terms = append(out.Terms, termData(t))
	}
	for _, s := range p.Sources {
		out.Sources = append(out.Sources, date.Source{Key: s.Key, Title: s.Title, URL: s.URL, Read: s.Read})
	}
	for _, b := range backtest {
		out.Backtest = append(out.Backtest, backtestData{b.Ahead, b.N, math.Round(b.Mean*10) / 10, b.Max})
	}
	return out
}

func newWindowData(w windows.Window, now windows.Day) windowData {
	out := windowData{Provider: w.Provider, Minor: w.Minor, Release: w.Release, State: w.State(now),
		Available: date.NewData(w.Available), StandardEnd: date.NewData(w.StandardEnd), ExtendedEnd: date.NewData(w.ExtendedEnd)}
	if w.Release != "" {
		out.Named = &w.Named
	}
	for _, m := range w.Others {
		if out.Others == nil {
			out.Others = map[string]date.Data{}
		}
		out.Others[m.Name] = *date.NewData(m.Date)
	}
	return out
}
