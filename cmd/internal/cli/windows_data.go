package cli

import (
	"encoding/json"
	"math"

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
	Read            windows.Day    `json:"read"`
	Age             int            `json:"ageDays"`
	Stale           bool           `json:"stale"`
	Sources         []sourceData   `json:"sources"`
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
	Name     string `json:"name"`
	Extended bool   `json:"extended"`
	Note     string `json:"note,omitempty"`
}

type sourceData struct {
	Key   string      `json:"key"`
	Title string      `json:"title"`
	URL   string      `json:"url,omitempty"`
	Read  windows.Day `json:"read"`
}

type backtestData struct {
	Ahead     int     `json:"releasesAhead"`
	N         int     `json:"predictions"`
	MeanError float64 `json:"meanErrorDays"`
	MaxError  int     `json:"maxErrorDays"`
}

type windowData struct {
	Provider    string              `json:"provider"`
	Minor       upgrade.Minor       `json:"minor"`
	Release     string              `json:"release,omitempty"`
	State       windows.State       `json:"state"`
	Available   *dateData           `json:"available"`
	StandardEnd *dateData           `json:"standardEnd"`
	ExtendedEnd *dateData           `json:"extendedEnd"`
	Others      map[string]dateData `json:"others,omitempty"`
}

type dateData struct {
	Date      windows.Day    `json:"date"`
	Status    windows.Status `json:"status"`
	Source    string         `json:"source"`
	Early     int            `json:"early"`
	Late      int            `json:"late"`
	Note      string         `json:"note,omitempty"`
	Also      []string       `json:"also"`
	Conflicts []conflictData `json:"conflicts"`
}

type conflictData struct {
	Date   windows.Day `json:"date"`
	Source string      `json:"source"`
	Note   string      `json:"note,omitempty"`
}

func newProviderData(p windows.Provider, backtest []windows.Accuracy, now windows.Day) providerData {
	out := providerData{Name: p.Name, Title: p.Title, Aliases: orEmpty(p.Aliases), NodeSkew: p.NodeSkew, RollbackDays: p.RollbackDays,
		Channels: []channelData{}, Read: p.Read(), Age: p.Age(now), Stale: p.Stale(now), Sources: []sourceData{}, Notes: orEmpty(p.Notes), Backtest: []backtestData{}}
	if e := p.Extended; e != nil {
		out.ExtendedSupport = &priceData{json.Number(e.Amount()), e.Currency, e.Source, e.Note}
	}
	for _, c := range p.Channels {
		out.Channels = append(out.Channels, channelData(c))
	}
	for _, s := range p.Sources {
		out.Sources = append(out.Sources, sourceData{s.Key, s.Title, s.URL, s.Read})
	}
	for _, b := range backtest {
		out.Backtest = append(out.Backtest, backtestData{b.Ahead, b.N, math.Round(b.Mean*10) / 10, b.Max})
	}
	return out
}

func newWindowData(w windows.Window, now windows.Day) windowData {
	out := windowData{Provider: w.Provider, Minor: w.Minor, Release: w.Release, State: w.State(now),
		Available: newDateData(w.Available), StandardEnd: newDateData(w.StandardEnd), ExtendedEnd: newDateData(w.ExtendedEnd)}
	for _, m := range w.Others {
		if out.Others == nil {
			out.Others = map[string]dateData{}
		}
		out.Others[m.Name] = *newDateData(m.Date)
	}
	return out
}

// newDateData is nil for an unknown date.
func newDateData(d windows.Date) *dateData {
	if d.IsZero() {
		return nil
	}
	out := &dateData{Date: d.Day, Status: d.Status, Source: d.Source, Early: d.Early, Late: d.Late, Note: d.Note,
		Also: orEmpty(d.Also), Conflicts: []conflictData{}}
	for _, c := range d.Conflicts {
		out.Conflicts = append(out.Conflicts, conflictData{c.Day, c.Source, c.Note})
	}
	return out
}

// orEmpty is the list itself, or an empty one for none, so that JSON shows [] and never null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
