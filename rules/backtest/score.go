package backtest

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// Alert is one alert of one group and when it fired.
type Alert struct {
	Alert    string            `json:"alert"`
	Severity string            `json:"severity"`
	SLO      string            `json:"slo,omitempty"`     // of the rules of an SLO
	Service  string            `json:"service,omitempty"` // of that SLO
	SLOs     []string          `json:"slos,omitempty"`    // of other rules: those that count the same series
	Labels   map[string]string `json:"labels"`
	Episodes []Episode         `json:"episodes"`
	Already  bool              `json:"already,omitempty"` // it fired when the time of interest began, which is no episode of it

	All   []Episode                `json:"-"` // those that began before the time of interest too, judged or not
	reads []*parser.VectorSelector // of other rules
}

// Score says how good alerts are. An episode is right when it overlaps an incident, or begins within Grace after it, and is not
// Old when that begins; alerts of an SLO are held against the incidents of its group, others against those of the SLOs that count the
// same series, and those that are related to no SLO against all, unless their labels say another group.
type Score struct {
	Precision       *float64 `json:"precision"`       // share of page episodes that are right; nil without pages
	Recall          *float64 `json:"recall"`          // share of incidents for which anything fired; nil without incidents
	PageRecall      *float64 `json:"pageRecall"`      // the same for pages
	MedianDetection string   `json:"medianDetection"` // from the beginning of an incident to the first episode, "" when none was detected
	MedianReset     string   `json:"medianReset"`     // from the end of an incident until no page fires
	MedianSpent     float64  `json:"medianBudgetSpent"`
	Pages           int      `json:"pages"`
	NightPages      int      `json:"nightPages"` // that begin between 22:00 and 07:00 UTC
	Tickets         int      `json:"tickets"`
	PagesPerWeek    float64  `json:"pagesPerWeek"`
}

// Grace is for how long after an incident an alert is still about it: the short window of the slowest page.
const Grace = 30 * time.Minute

// Old is for how long an alert must have fired when an incident begins to be about something else: it tells nothing new.
const Old = 6 * time.Hour

// IsPage says whether a severity wakes somebody. A word that is not known does not.
func IsPage(severity string) bool {
	s, _ := slo.SeverityOf(severity)
	return s == slo.Page
}

// ScoreOf holds alerts against incidents over a time.
func ScoreOf(alerts []Alert, incidents []Incident, over time.Duration) Score {
	var s Score
	right := 0
	for _, a := range alerts {
		for _, e := range a.Episodes {
			switch {
			case !IsPage(a.Severity):
				s.Tickets++
				continue
			case e.Start.UTC().Hour() >= 22 || e.Start.UTC().Hour() < 7:
				s.NightPages++
			}
			s.Pages++
			if Deserved(a, e, incidents) {
				right++
			}
		}
	}
	s.Precision = shareOf(right, s.Pages)
	s.PagesPerWeek = float64(s.Pages) / (over.Hours() / 24 / 7)
	s.detect(alerts, incidents)
	return s
}

// detect scores how incidents were found.
func (s *Score) detect(alerts []Alert, incidents []Incident) {
	var detection, reset []time.Duration
	var spent []float64
	found, paged := 0, 0
	for _, in := range incidents {
		first, silent, page := time.Time{}, time.Time{}, false
		share := 0.0
		for _, a := range alerts {
			for _, e := range a.Episodes {
				if !about(a, e, in) {
					continue
				}
				if first.IsZero() || e.Start.Before(first) {
					first, share = e.Start, e.BudgetSpent
				}
				if IsPage(a.Severity) {
					page = true
					silent = maxTime(silent, e.End)
				}
			}
		}
		if first.IsZero() {
			continue
		}
		found++
		detection, spent = append(detection, max(0, first.Sub(in.Start))), append(spent, share)
		if page {
			paged++
			reset = append(reset, max(0, silent.Sub(in.End)))
		}
	}
	s.Recall, s.PageRecall = shareOf(found, len(incidents)), shareOf(paged, len(incidents))
	s.MedianDetection, s.MedianReset, s.MedianSpent = middle(detection), middle(reset), slo.Median(spent)
}

// shareOf is a share of something, nil of nothing.
func shareOf(part, of int) *float64 {
	if of == 0 {
		return nil
	}
	share := float64(part) / float64(of)
	return &share
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func middle(ds []time.Duration) string {
	if len(ds) == 0 {
		return ""
	}
	return slo.Window(slo.Median(ds).Round(time.Millisecond)).String()
}

// Deserved reports whether an episode may be blamed on one of the incidents.
func Deserved(a Alert, e Episode, incidents []Incident) bool {
	return slices.ContainsFunc(incidents, func(in Incident) bool { return about(a, e, in) })
}

// about reports whether an episode may be blamed on an incident.
func about(a Alert, e Episode, in Incident) bool {
	switch {
	case !e.Start.Before(in.End.Add(Grace)) || !e.End.After(in.Start) || in.Start.Sub(e.Start) > Old:
		return false
	case a.SLO != "":
		return in.of(a.SLO, a.Service, a.Labels)
	case len(a.SLOs) > 0 && !slices.ContainsFunc(a.SLOs, in.About):
		return false
	}
	for k, v := range in.Labels {
		if other := a.Labels[k]; other != "" && other != v {
			return false
		}
	}
	return true
}
