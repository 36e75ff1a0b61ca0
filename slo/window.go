package slo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Window is a length of time in whole milliseconds, written as PromQL writes it: 5m, 36h, 30d.
type Window time.Duration

// The windows of the SRE Workbook's table, and the day that others are counted in.
const (
	Minute = Window(time.Minute)
	Hour   = Window(time.Hour)
	Day    = 24 * Hour
)

// maxWindow keeps sums of windows far from the end of an int64 of nanoseconds.
const maxWindow = 10 * 365 * Day

// ParseWindow reads a Prometheus duration, such as 5m, 1h30m or 4w: longer than nothing, at most ten years.
func ParseWindow(text string) (Window, error) {
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: write a number and a unit, such as 5m, 6h or 30d", text)
	}
	w := Window(d)
	if w <= 0 || w > maxWindow {
		return 0, fmt.Errorf("a window of %s is out of range: want more than 0 and at most 3650d", text)
	}
	return w, nil
}

// UnmarshalText reads the window as ParseWindow does.
func (w *Window) UnmarshalText(text []byte) error {
	v, err := ParseWindow(string(text))
	*w = v
	return err
}

// MarshalText writes the window as String does.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// String writes the window in the largest unit, up to days, that it is a whole number of; else in several units.
func (w Window) String() string {
	units := []struct {
		name string
		size Window
	}{{"d", Day}, {"h", Hour}, {"m", Minute}, {"s", Window(time.Second)}, {"ms", Window(time.Millisecond)}}
	for _, u := range units[:3] {
		if w >= u.size && w%u.size == 0 {
			return strconv.FormatInt(int64(w/u.size), 10) + u.name
		}
	}
	var b strings.Builder
	for _, u := range units {
		if n := w / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			w %= u.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// Over is the exact fraction w/v.
func (w Window) Over(v Window) Number { return NewNumber(int64(w), int64(v)) }

// Scale is the window times a number, cut to whole milliseconds and held at ten years.
func (w Window) Scale(n Number) Window {
	r := n.Mul(NewNumber(int64(w)/int64(time.Millisecond), 1)).Rat()
	ms := r.Num().Quo(r.Num(), r.Denom())
	if !ms.IsInt64() || ms.Int64() > int64(maxWindow)/int64(time.Millisecond) {
		return maxWindow
	}
	return Window(ms.Int64()) * Window(time.Millisecond)
}

// Down is the window cut to a whole number of steps.
func (w Window) Down(step Window) Window { return w / step * step }

// Up is the window raised to a whole number of steps.
func (w Window) Up(step Window) Window { return (w + step - 1) / step * step }
