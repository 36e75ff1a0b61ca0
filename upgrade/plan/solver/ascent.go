package solver

import "math"

// ascent moves prices that are never negative uphill by Adam (Kingma and Ba, "Adam: a method for stochastic
// optimization", 2015), which needs no scale: one rate serves prices of capacity and of order.
type ascent struct {
	x, best []float64
	m, v    []float64 // running means of the slope and of its square
}

func newAscent(n int) *ascent {
	return &ascent{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
}

func (a *ascent) restart() {
	clear(a.m)
	clear(a.v)
}

func (a *ascent) step(i int, slope, rate float64) {
	if slope < 0 && a.x[i] == 0 {
		slope = 0
	}
	if slope == 0 && a.v[i] == 0 {
		return
	}
	a.m[i] = meanDecay*a.m[i] + (1-meanDecay)*slope
	a.v[i] = squareDecay*a.v[i] + (1-squareDecay)*slope*slope
	if a.x[i] > 0 || a.m[i] > 0 { // else it stays zero
		a.x[i] = max(0, a.x[i]+rate*a.m[i]/(math.Sqrt(a.v[i])+1e-9))
	}
}

// The means forget at these rates a round.
const meanDecay, squareDecay = 0.8, 0.98

// warmth corrects a rate for means that began at zero.
func warmth(round int) float64 {
	return math.Sqrt(1-math.Pow(squareDecay, float64(round+1))) / (1 - math.Pow(meanDecay, float64(round+1)))
}
