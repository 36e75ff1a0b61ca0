package input

import (
	"fmt"

	"github.com/spf13/pflag"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// interval is a length of time as a flag: at most a tile.
type interval struct {
	w      *slo.Window
	divide bool // a tile must be a whole number of it
}

// Type names the form of the value in the help.
func (i interval) Type() string { return "duration" }

func (i interval) String() string { return i.w.String() }

// Set reads the value.
func (i interval) Set(s string) error {
	w, err := slo.ParseWindow(s)
	switch {
	case err != nil:
		return err
	case i.divide && slo.Tile%w != 0:
		return fmt.Errorf("want a part of %s, such as 15s, 30s, 1m or 5m", slo.Tile)
	}
	*i.w = w
	return nil
}

// Span is a longer length of time as a flag, such as 30d.
type Span struct{ W *slo.Window }

// Type names the form of the value in the help.
func (s Span) Type() string { return "duration" }

func (s Span) String() string { return s.W.String() }

// Set reads the value.
func (s Span) Set(text string) error { return s.W.UnmarshalText([]byte(text)) }

// Intervals adds the flags that say how often raw series are scraped and rules are evaluated.
func Intervals(f *pflag.FlagSet, o *compile.Options) {
	o.Scrape, o.Evaluation = slo.Evaluation, slo.Evaluation
	f.Var(interval{&o.Scrape, false}, "scrape-interval", "how often the series that the queries read are scraped")
	f.Var(interval{&o.Evaluation, true}, "evaluation-interval", "how often alerts are evaluated")
}
