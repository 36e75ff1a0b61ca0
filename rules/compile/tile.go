package compile

import (
	"slices"
	"strconv"
	"strings"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// The series that rules record, for each SLO under the label slo: events in the window that ends now. Counts of bad
// events and of all events are kept apart, so that they can be added up.
const (
	BadSeries    = "slo:events_bad:increase"
	TotalSeries  = "slo:events_total:increase"
	BudgetSeries = "slo:error_budget:remaining"
	InfoSeries   = "slo:info"

	ObjectiveSeries = "slo:objective:ratio"
	sliceBad        = "slo:slice_bad:increase"
	sliceTotal      = "slo:slice_total:increase"
)

// CountedSeries are the series of all events and of the bad ones that rules record first, out of raw series: those of tiles, or of the
// slices of time that tiles are counted from.
func CountedSeries(s slo.SLO) (total, bad string) {
	if w := s.Indicator.Slice.Window; w > 0 {
		return sliceTotal + w.String(), sliceBad + w.String()
	}
	return TotalSeries + slo.Tile.String(), BadSeries + slo.Tile.String()
}

// link is one window of the chain: Window is Count tiles of length Of.
type link struct {
	Window, Of slo.Window
	Count      int
}

// maxCount is how many tiles one expression adds before a window in between is worth its series.
const maxCount = 12

// chain builds each window from the longest shorter one that divides it, so that only the tile reads raw series.
// Windows must be whole numbers of tiles. Windows in between are added where an expression would get too long.
func chain(windows []slo.Window) []link {
	sorted := slices.Clone(windows)
	slices.Sort(sorted)
	have := []slo.Window{slo.Tile}
	var out []link
	for _, w := range sorted {
		if slices.Contains(have, w) {
			continue
		}
		of := slo.Tile
		for _, h := range have {
			if w%h == 0 {
				of = max(of, h)
			}
		}
		if f := between(int(w / of)); f > 1 {
			mid := of * slo.Window(f)
			out, have = append(out, link{mid, of, f}), append(have, mid)
			of = mid
		}
		out, have = append(out, link{w, of, int(w / of)}), append(have, w)
	}
	return out
}

// between is a factor that takes a long sum of n tiles apart into two shorter ones, 1 where there is none or no need.
func between(n int) int {
	if n <= maxCount {
		return 1
	}
	best := 1
	for f := 2; f < n; f++ {
		if n%f == 0 && f+n/f < best+n/best {
			best = f
		}
	}
	return best
}

// sum adds up the tiles of a link. Where one of five minutes was not recorded, because Prometheus was down, its events are in the first
// tile after the gap: it counts none when there was one an hour before. A longer one that was not recorded is the newest within an hour
// before it, looked for in steps of five minutes so that few samples are read. One that is not known at all, before the SLO began, counts
// as one without bad events and with as many events as the newest: what is not known burns no budget.
func (l link) sum(series, matchers string, bad bool) string {
	now := series + l.Of.String() + matchers
	unknown := now
	if bad {
		unknown = "0 * " + now
	}
	var b strings.Builder
	b.Grow(l.Count * (4*len(now) + 80))
	write := func(texts ...string) {
		for _, s := range texts {
			b.WriteString(s)
		}
	}
	write(now)
	for i := 1; i < l.Count; i++ {
		offset := l.Of * slo.Window(i)
		write("\n+ (", now, " offset ", offset.String())
		switch {
		case l.Of > slo.Tile:
			write(" or last_over_time(", now, "[", query.Bridge.String(), ":5m] offset ", offset.String(), ")")
		case !bad:
			write(" or 0 * ", now, " offset ", (offset + query.Bridge).String())
		}
		write(" or ", unknown, ")")
	}
	return b.String()
}

// quoted is a label value as PromQL writes it.
func quoted(s string) string { return strconv.Quote(s) }
