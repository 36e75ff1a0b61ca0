package upgrade

import (
	"fmt"
	"strconv"
	"time"
)

// maxDuration keeps sums of durations and dates far away from overflow: a hundred years.
const maxDuration = 100 * 365 * 24 * time.Hour

// ParseDuration reads a length of calendar time: a whole number and a unit, one of m (minutes), h, d (24 hours) and w (7 days).
func ParseDuration(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if s == "0" {
		return 0, nil
	}
	if len(s) > 1 {
		n, err := strconv.ParseUint(s[:len(s)-1], 10, 31)
		if unit := units[s[len(s)-1]]; err == nil && unit > 0 && time.Duration(n) <= maxDuration/unit {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("%q is not a length of time: want a number and a unit, such as 14d, 2w or 36h", s)
}
