package app

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/upgrade"
)

// MinuteFormat is how points in time are shown where their minute counts.
const MinuteFormat = "2006-01-02 15:04"

// Quarter is the quarter that a day is in, such as 2026Q4.
func Quarter(day time.Time) string {
	day = day.UTC()
	return fmt.Sprintf("%dQ%d", day.Year(), (int(day.Month())+2)/3)
}

// Lasting writes how long something lasted, to the minute.
func Lasting(d time.Duration) string {
	if h, m := int(d.Hours()), int(d.Minutes())%60; h > 0 && m > 0 {
		return fmt.Sprintf("%dh%02dm", h, m)
	}
	return slo.Window(d).String()
}

// GroupName writes the labels of a group: a=1, b=2.
func GroupName(labels map[string]string) string {
	var parts []string
	for k, v := range labels {
		parts = append(parts, k+"="+v)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// Count says how many there are of something.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// ShareCell is a share as a number in a cell, "-" of nothing.
func ShareCell(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *share)
}

// List makes a list that is never null in JSON.
func List[T any](list []T) []T { return append([]T{}, list...) }

// JoinWords lists words, with commas between.
func JoinWords(words []string) string { return strings.Join(words, ", ") }

// Strings is the list itself, or an empty one for none, so that JSON shows [] and never null.
func Strings(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

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
