package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/slo"
)

// MinuteFormat is how points in time are shown where their minute counts.
const MinuteFormat = "2006-01-02 15:04"

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
