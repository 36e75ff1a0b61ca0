package upgrade

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a part of a whole, from 0 to 1.
type Share float64

// ParseShare reads a share such as 25% or 0.25, from 0% to 100%.
func ParseShare(text string) (Share, error) {
	s, err := ParseSpent(text)
	if err != nil || s > 1 {
		return 0, fmt.Errorf("want a share such as 25%% or 0.25, from 0%% to 100%%")
	}
	return s, nil
}

// ParseSpent reads a share that may be more than the whole, as what an outage spends of a budget may be: at most ten thousand times.
func ParseSpent(text string) (Share, error) {
	digits, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 10_000) {
		return 0, fmt.Errorf("%.40q is no share: want one such as 4.2%% or 0.042", text)
	}
	return Share(v), nil
}

// String writes the share in percent with one decimal: 4.2%.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'f', 1, 64) + "%" }

// UnmarshalText reads the share by ParseShare.
func (s *Share) UnmarshalText(text []byte) error {
	v, err := ParseShare(string(text))
	*s = v
	return err
}
