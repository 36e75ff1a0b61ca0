package prove

import "fmt"

// Behaviour is how a series goes on: one field is set.
type Behaviour struct {
	Gauge *float64 `yaml:"gauge"` // stays at a value
	To    *float64 `yaml:"to"`    // goes to a value in a straight line while the event lasts
	Rate  *float64 `yaml:"rate"`  // counts up, so many a second
	Clock *float64 `yaml:"clock"` // is the time, plus so many seconds
	Gone  bool     `yaml:"gone"`  // has no samples
	Still bool     `yaml:"still"` // stays at the value it had
}

// String says what a series does.
func (b Behaviour) String() string {
	for _, v := range []struct {
		how   string
		value *float64
	}{{"gauge", b.Gauge}, {"to", b.To}, {"rate", b.Rate}, {"clock", b.Clock}} {
		if v.value != nil {
			return fmt.Sprint(v.how, " ", *v.value)
		}
	}
	if b.Gone {
		return "gone"
	}
	return "still"
}

func (b Behaviour) kinds() int {
	n := 0
	for _, set := range []bool{b.Gauge != nil, b.To != nil, b.Rate != nil, b.Clock != nil, b.Gone, b.Still} {
		if set {
			n++
		}
	}
	return n
}
