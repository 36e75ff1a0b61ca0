package history_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade"
	"treadmill/upgrade/history"
)

// past is the records of hops that spent shares, one a day.
func past(spent ...float64) history.File {
	var f history.File
	for day, s := range spent {
		f.Campaigns = append(f.Campaigns, hop(day, s))
	}
	return f
}

// A reserve is a promise: nine hops of ten spend no more. Fleets are drawn as the policy takes them to be: the mean of what their hops
// spend is not known, and is such that the stated reserve suffices for nine first hops of ten.
func TestNineHopsOfTenSpendNoMore(t *testing.T) {
	const fleets, stated, shape = 40_000, 0.1, 2.0
	scale := stated / (math.Pow(0.1, -1/shape) - 1)
	r := rand.New(rand.NewPCG(1, 2))
	for _, hops := range []int{0, 1, 3, 6, 12, 20} {
		kept := 0
		for range fleets {
			rate := (r.ExpFloat64() + r.ExpFloat64()) / scale // gamma of shape 2
			var spent []float64
			for range hops {
				spent = append(spent, r.ExpFloat64()/rate)
			}
			if r.ExpFloat64()/rate <= float64(past(spent...).Reserve("pay", "prod", stated, budget).Share) {
				kept++
			}
		}
		if share := float64(kept) / fleets; share < 0.88 || share > 0.92 {
			t.Errorf("after %d hops %.1f%% of the promises are kept", hops, share*100)
		}
	}
}

func TestReserve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stated := upgrade.Share(rapid.Float64Range(0, 1).Draw(t, "stated"))
		spent := rapid.SliceOfN(rapid.Float64Range(0, 2), 0, 30).Draw(t, "spent")
		quiet := make([]float64, len(spent))
		got, least := past(spent...).Reserve("pay", "prod", stated, budget), past(quiet...).Reserve("pay", "prod", stated, budget)
		switch {
		case len(spent) == 0 && got.Share != stated:
			t.Fatalf("without records %v is not %v", got.Share, stated)
		case len(spent) > 0 && (least.Share <= 0 || got.Share < least.Share):
			t.Fatalf("quiet hops: %v, these: %v", least.Share, got.Share)
		case got.Records != min(len(spent), 20):
			t.Fatalf("%d records", got.Records)
		}
		if more := past(append([]float64{3}, spent...)...).Reserve("pay", "prod", stated, budget); len(spent) < 20 && len(spent) > 0 &&
			more.Share < got.Share {
			t.Fatalf("a bad hop more lowers %v to %v", got.Share, more.Share)
		}
	})
	if r := past(0.3).Reserve("pay", "dev", 0.5, budget); r.Share != 0.5 || r.Records != 0 {
		t.Errorf("another environment: %+v", r)
	}
	three, one := past(0.3), past(0.1, 0.1, 0.1)
	three.Campaigns[0].To.V = upgrade.V1(37)
	if a, b := three.Reserve("pay", "prod", 0.05, budget).Share, one.Reserve("pay", "prod", 0.05, budget).Share; math.Abs(
		float64(a-b),
	) > 1e-12 {
		t.Errorf("a campaign of three hops is three hops: %v and %v", a, b)
	}
}

// The same bad events are a fifth of a budget that is five times as large.
func TestSpendingIsRescaledToTheBudgetOfNow(t *testing.T) {
	f := past(0.4, 0.4, 0.4)
	for i := range f.Campaigns {
		f.Campaigns[i].Measured = map[string]history.Measurement{
			"pay": {Bad: 1, Total: 2, Objective: 0.999, Period: history.Length(30 * 24 * time.Hour)},
		}
	}
	want := past(0.08, 0.08, 0.08).Reserve("pay", "prod", 0.1, budget)
	got := f.Reserve("pay", "prod", 0.1, history.Budget{Objective: 0.995, Period: budget.Period})
	if math.Abs(float64(got.Share-want.Share)) > 1e-9 {
		t.Errorf("%v, want %v", got.Share, want.Share)
	}
	half := f.Reserve("pay", "prod", 0.1, history.Budget{Objective: 0.999, Period: 2 * budget.Period})
	if want := past(0.2, 0.2, 0.2).Reserve("pay", "prod", 0.1, budget); math.Abs(float64(half.Share-want.Share)) > 1e-9 {
		t.Errorf("a period twice as long: %v, want %v", half.Share, want.Share)
	}
	if as := f.Reserve("pay", "prod", 0.1, history.Budget{}); as.Share != past(0.4, 0.4, 0.4).Reserve("pay", "prod", 0.1, budget).Share {
		t.Errorf("without a budget to rescale to it is as it was: %v", as.Share)
	}
}
