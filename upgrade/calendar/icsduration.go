package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var icsDuration = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$`)

// parseICSDuration reads a DURATION of RFC 5545 section 3.3.6, such as P5D or PT1H30M.
func parseICSDuration(s string) (time.Duration, error) {
	m := icsDuration.FindStringSubmatch(s)
	var sum time.Duration
	if m != nil {
		for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
			n, _ := strconv.Atoi("0" + m[i+1]) // the expression matched digits only
			sum += time.Duration(n) * unit
		}
	}
	if sum == 0 {
		return 0, fmt.Errorf("DURATION: %.40q is not a length of time such as P5D or PT1H30M", s)
	}
	return sum, nil
}
