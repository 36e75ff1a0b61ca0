package slo

// Plain is an indicator reduced to selectors, for dialects that take nothing else. One of the forms is set.
type Plain struct {
	Errors, Total string // counters: bad events and all events
	Success       string // a bucket of the histogram whose count is Total
	Native        string // a native histogram, and the bound that good observations keep
	Bound         Window
	Gauge         string // 1 while all is well, else 0
	By            []string
}
