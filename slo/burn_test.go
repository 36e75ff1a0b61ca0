package slo_test

import (
	"strings"
	"testing"

	"treadmill/slo"
)

// Pairs of one long window and one burn are not the same when their short windows differ; those that are the same are said to be.
func TestPairsOfOneLongWindow(t *testing.T) {
	o, _ := slo.ParsePercent("99.9")
	pair := func(short slo.Window) slo.Pair {
		return slo.Pair{Severity: slo.Page, Share: slo.NewNumber(2, 100), Long: slo.Hour, Short: short}
	}
	burns, changes := slo.Plan(o, 30*slo.Day, slo.Policy{pair(5 * slo.Minute), pair(30 * slo.Minute), pair(5 * slo.Minute)})
	if len(burns) != 2 || burns[0].Short != 5*slo.Minute || burns[1].Short != 30*slo.Minute {
		t.Errorf("%+v", burns)
	}
	if len(changes) != 1 || !strings.Contains(changes[0], "page pair 1h/5m is left out: another one watches the same") {
		t.Errorf("%q", changes)
	}
}

func TestMedian(t *testing.T) {
	for want, of := range map[int][]int{0: nil, 7: {7}, 30: {59, 1}, 3: {9, 3, 1}, 4: {1, 3, 5, 9}} {
		if got := slo.Median(of); got != want {
			t.Errorf("%v: %d, want %d", of, got, want)
		}
	}
}
