package app

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Share is a part of a whole as a flag: 25% or 0.25.
type Share float64

func (s *Share) String() string { return strconv.FormatFloat(float64(*s)*100, 'g', -1, 64) + "%" }

// Type names the form of the value in the help.
func (s *Share) Type() string { return "share" }

// Set reads the value.
func (s *Share) Set(text string) error {
	v, err := upgrade.ParseShare(text)
	*s = Share(v)
	return err
}

// Choice is one of a few words as a flag.
type Choice struct {
	Word string
	Of   []string
}

func (c *Choice) String() string { return c.Word }

// Type names the form of the value in the help.
func (c *Choice) Type() string { return "word" }

// Words lists what it may be.
func (c *Choice) Words() []string { return c.Of }

// Set reads the value.
func (c *Choice) Set(word string) error {
	if !slices.Contains(c.Of, word) {
		return errors.New(yamlx.DidYouMean(word, c.Of, "want one of "+strings.Join(c.Of, ", ")))
	}
	c.Word = word
	return nil
}
