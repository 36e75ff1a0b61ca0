package slo

import (
	"fmt"
	"strings"

	"treadmill/slo"
)

// traffic is a number of events a second as a flag, written by the second, minute, hour or day.
type traffic slo.Number

func (t *traffic) Type() string { return "rate" }

func (t *traffic) String() string { return "" }

func (t *traffic) Set(s string) error {
	number, unit, _ := strings.Cut(s, "/")
	n, err := slo.ParseNumber(number)
	per := map[string]int64{"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
	if err != nil || per == 0 || n.Cmp(slo.NewNumber(0, 1)) <= 0 {
		return fmt.Errorf("want a number above 0 and a unit, such as 20/s, 30/m, 100/h or 5000/d")
	}
	*t = traffic(n.Div(slo.NewNumber(per, 1)))
	return nil
}

// retention is how long samples are kept, as a flag.
type retention struct{ w *slo.Window }

func (r retention) Type() string { return "duration" }

func (r retention) String() string { return "" }

func (r retention) Set(s string) error {
	w, err := slo.ParseWindow(s)
	*r.w = w
	return err
}
