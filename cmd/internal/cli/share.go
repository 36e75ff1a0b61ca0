package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"treadmill/upgrade"
)

// share is a part of a whole as a flag: 25% or 0.25.
type share float64

func (s *share) String() string { return strconv.FormatFloat(float64(*s)*100, 'g', -1, 64) + "%" }
func (s *share) Type() string   { return "share" }

func (s *share) Set(text string) error {
	v, err := upgrade.ParseShare(text)
	*s = share(v)
	return err
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
