package slo

import (
	"fmt"
	"slices"
	"time"
)

// Severity says who must act: Page wakes somebody, Ticket waits for working hours.
type Severity string

// The severities, most urgent first.
const (
	Page   Severity = "page"
	Ticket Severity = "ticket"
)

// Pair is a long and a short window: an alert fires when both burn at the rate that spends Share of the period's
// budget within Long. Burn, where it is set, states the rate instead of the share.
type Pair struct {
	Severity    Severity
	Share       Number
	Burn        Number
	Long, Short Window
}

// Policy is the pairs of an SLO, most urgent first.
type Policy []Pair

// DefaultPolicy is the table of the SRE Workbook, chapter 5 "Alerting on SLOs", with the fourth pair (10 % in a day)
// of its code example (https://sre.google/workbook/alerting-on-slos/, read 2026-11).
func DefaultPolicy() Policy {
	return Policy{
		{Severity: Page, Share: NewNumber(2, 100), Long: Hour, Short: 5 * Minute},
		{Severity: Page, Share: NewNumber(5, 100), Long: 6 * Hour, Short: 30 * Minute},
		{Severity: Ticket, Share: NewNumber(10, 100), Long: Day, Short: 2 * Hour},
		{Severity: Ticket, Share: NewNumber(10, 100), Long: 3 * Day, Short: 6 * Hour},
	}
}

// Usual reports whether all pairs are those of the default policy at a period, or some of them: written out, as converters do, and not
// chosen. Rates are compared as they are written.
func (p Policy) Usual(period Window) bool {
	return !slices.ContainsFunc(p, func(own Pair) bool {
		return !slices.ContainsFunc(DefaultPolicy(), func(usual Pair) bool {
			return own.Severity == usual.Severity && own.Long == usual.Long && own.Short == usual.Short &&
				own.rate(period).String() == usual.rate(period).String()
		})
	})
}

// rate is how many times faster than allowed the budget goes that spends the share within the long window.
func (p Pair) rate(period Window) Number {
	if p.Burn.Cmp(NewNumber(0, 1)) != 0 {
		return p.Burn
	}
	return p.Share.Mul(period.Over(p.Long))
}

// Burn is a pair made to fit an objective and a period.
type Burn struct {
	Pair
	Rate      Number // how many times faster than the budget allows: share × period ÷ long
	Threshold Number // the share of bad events in both windows above which it fires: rate × budget
	Least     Number // the share below which it does not fire for another reason, such as too few slices of time; 0 when there is none
	Repair    string // how the pair was changed so that it can work, "" when it was not
}

// reach is the highest threshold that counts as reachable: above it even a full outage hardly fires.
var reach = NewNumber(9, 10)

// Tile is the shortest window that rules record; all windows are whole numbers of tiles.
const Tile = 5 * Minute

// Plan fits a policy to an objective and a period: burn = share × period ÷ long, threshold = burn × budget.
// A threshold that cannot be reached keeps its share and gets a longer window; a burn below 1, which would fire inside
// of the budget, is raised to 1. Pairs that do not fit into the period are left out. The sentences say what was changed.
func Plan(o Objective, period Window, policy Policy) (burns []Burn, changes []string) {
	for _, p := range policy {
		b, err := fit(o, period, p)
		if err != nil {
			changes = append(changes, fmt.Sprintf("the %s pair %s/%s is left out: %v", p.Severity, p.Long, p.Short, err))
			continue
		}
		if b.Repair != "" {
			changes = append(changes, fmt.Sprintf("the %s pair %s/%s was repaired: %s", p.Severity, p.Long, p.Short, b.Repair))
		}
		if slices.ContainsFunc(burns, b.same) {
			changes = append(
				changes,
				fmt.Sprintf("the %s pair %s/%s is left out: another one watches the same windows for the same burn", p.Severity, p.Long, p.Short),
			)
			continue
		}
		burns = append(burns, b)
	}
	return burns, changes
}

// same reports whether another pair fires when this one does. Those that differ in the short window do not: the shorter one sees a burn
// first and is silent first.
func (b Burn) same(x Burn) bool {
	return x.Severity == b.Severity && x.Long == b.Long && x.Short == b.Short && x.Rate.Cmp(b.Rate) == 0
}

func fit(o Objective, period Window, p Pair) (Burn, error) {
	b := Burn{Pair: p, Rate: p.Burn}
	if p.Short%Tile != 0 || p.Long%Tile != 0 {
		p.Long, p.Short = p.Long.Up(Tile), p.Short.Up(Tile)
		b = Burn{Pair: p, Rate: p.Burn, Repair: fmt.Sprintf("windows are whole numbers of %s, so they become %s and %s", Tile, p.Long, p.Short)}
	}
	if p.Burn.Cmp(NewNumber(0, 1)) == 0 {
		b.Rate = p.Share.Mul(period.Over(p.Long))
	} else {
		b.Share = p.Burn.Mul(p.Long.Over(period))
	}
	if b.Rate.Mul(o.Budget()).Cmp(reach) > 0 {
		b = b.lengthen(o, period)
	}
	if one := NewNumber(1, 1); b.Rate.Cmp(one) < 0 {
		b.because("a burn of %s fires inside the budget, so it is raised to 1, which spends %s%% of the budget in %s",
			b.Rate.Short(), b.Long.Over(period).Mul(NewNumber(100, 1)).Short(), b.Long)
		b.Rate, b.Share = one, b.Long.Over(period)
	}
	b.Threshold = b.Rate.Mul(o.Budget())
	switch {
	case b.Long > period:
		return b, fmt.Errorf("its window of %s is longer than the period of %s", b.Long, period)
	case b.Threshold.Cmp(reach) > 0:
		return b, fmt.Errorf("its threshold of %s cannot be reached in any window of the period", b.Threshold.Percent())
	}
	return b, nil
}

// lengthen finds the shortest window of the ladder in which spending the share needs a threshold that can be reached.
func (b Burn) lengthen(o Objective, period Window) Burn {
	was := b.Rate.Mul(o.Budget())
	for _, long := range []Window{2 * Hour, 3 * Hour, 4 * Hour, 6 * Hour, 8 * Hour, 12 * Hour, Day, 2 * Day, 3 * Day, 4 * Day,
		6 * Day, 8 * Day, 12 * Day} {
		rate := b.Share.Mul(period.Over(long))
		if long <= b.Long || rate.Mul(o.Budget()).Cmp(reach) > 0 {
			continue
		}
		b.because("its threshold of %s%% cannot be reached; the same %s%% of the budget is watched over %s with a threshold of %s%%",
			percent(was), percent(b.Share), long, percent(rate.Mul(o.Budget())))
		b.Rate, b.Long, b.Short = rate, long, long/12
		return b
	}
	return b
}

// because adds a sentence about what was repaired.
func (b *Burn) because(format string, args ...any) {
	if b.Repair != "" {
		b.Repair += "; "
	}
	b.Repair += fmt.Sprintf(format, args...)
}

func percent(n Number) string { return n.Mul(NewNumber(100, 1)).Short() }

// Detection is how long errors at a constant share take to fire the pair, rounded up to the next evaluation:
// (threshold ÷ share) × long, and one evaluation more where that is met exactly. It reports false when they never do.
// The period before is taken to be free of errors (SRE Workbook, chapter 5).
func (b Burn) Detection(share Number, every Window) (Window, bool) {
	needed := b.Threshold
	if b.Least.Cmp(needed) > 0 {
		needed = b.Least
	}
	if share.Cmp(b.Threshold) <= 0 || share.Cmp(needed) < 0 {
		return 0, false
	}
	steps := b.Long.Scale(needed.Div(share)) / every
	return min((steps+1)*every, b.Long.Up(every)), true
}

// Reset is how long after the end of a full outage the pair is silent again, at the most: its short window.
func (b Burn) Reset() Window { return b.Short }

// SpentAt is the share of the period's budget that is gone after errors at a constant share for a time.
func SpentAt(o Objective, period, after Window, share Number) Number {
	return share.Div(o.Budget()).Mul(after.Over(period))
}

// Evaluation is how often rules are evaluated unless something else is asked for. It divides the tile.
const Evaluation = Window(30 * time.Second)
