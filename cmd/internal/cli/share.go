package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// share is a part of a whole as a flag: 25% or 0.25.
type share float64

func (s *share) String() string { return strconv.FormatFloat(float64(*s)*100, 'g', -1, 64) + "%" }
func (s *share) Type() string   { return "share" }

func (s *share) Set(text string) error {
	digits, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(digits, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("want a share such as 25%% or 0.25, from 0%% to 100%%")
	}
	*s = share(v)
	return nil
}

// choice is one of a few words as a flag.
type choice struct {
	word string
	of   []string
}

func (c *choice) String() string { return c.word }
func (c *choice) Type() string   { return "word" }

func (c *choice) Set(word string) error {
	if !slices.Contains(c.of, word) {
		return fmt.Errorf("want one of %s", strings.Join(c.of, ", "))
	}
	c.word = word
	return nil
}
