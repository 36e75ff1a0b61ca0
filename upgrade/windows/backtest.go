package windows

import "slices"

// Accuracy is what the projection of a provider's availability would have missed in the past, so many releases ahead.
type Accuracy struct {
	Ahead int     // releases between the last known one and the predicted one
	N     int     // how many predictions could be compared with what happened
	Mean  float64 // mean absolute error in days
	Max   int     // largest absolute error in days
}

// Backtest replays the projection of a provider walking forward through its history: from each release on, with only
// what was known then, it predicts the next ones and compares. For Upstream that is the cadence; for others the lag behind upstream.
func (t Table) Backtest(provider string) []Accuracy {
	c := t.calendar(provider)
	if c == nil {
		return nil
	}
	var errors [][]int
	switch {
	case c.Name == Upstream:
		errors = cadenceErrors(releasesOf(c.windows, happened))
	case c.lag != nil:
		errors = lagErrors(lagsOf(c.windows, t.Windows(Upstream), c.lag.since, available))
	}
	var out []Accuracy
	for i, es := range errors {
		if len(es) == 0 {
			break
		}
		sum := 0
		for _, e := range es {
			sum += e
		}
		out = append(out, Accuracy{Ahead: i + 1, N: len(es), Mean: float64(sum) / float64(len(es)), Max: slices.Max(es)})
	}
	return out
}

// cadenceErrors lists the absolute errors of predictCadence, by releases ahead, from every origin with two years of history.
func cadenceErrors(known []release) [][]int {
	return walkForward(len(known), 2*slots, func(origin, target int) int {
		return int(predictCadence(known[:origin+1], known[target].minor) - known[target].day)
	})
}

// lagErrors lists the absolute errors of the mean lag, by releases ahead, from every origin with three lags.
func lagErrors(lags []int) [][]int {
	return walkForward(len(lags), recent, func(origin, target int) int {
		return mean(lags[:origin+1]) - lags[target]
	})
}

// walkForward predicts every target up to Horizon ahead of every origin that has at least so many values.
func walkForward(n, atLeast int, miss func(origin, target int) int) [][]int {
	out := make([][]int, Horizon)
	for origin := atLeast - 1; origin < n; origin++ {
		for ahead := 1; ahead <= Horizon && origin+ahead < n; ahead++ {
			e := miss(origin, origin+ahead)
			out[ahead-1] = append(out[ahead-1], max(e, -e))
		}
	}
	return out
}

// widen makes the error bars of the errors: the largest error seen so many releases ahead or fewer.
func widen(errors [][]int) []int {
	out := make([]int, len(errors))
	worst := 0
	for i, es := range errors {
		for _, e := range es {
			worst = max(worst, e)
		}
		out[i] = worst
	}
	return out
}

// at is the error bar so many releases ahead.
func at(bars []int, ahead int) int { return bars[min(max(ahead, 1), len(bars))-1] }
