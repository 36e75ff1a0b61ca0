package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"treadmill/upgrade/calendar"
)

// CalendarFile makes a calendar file out of entries. A file of that name that is there already is the calendar before: what did not change
// keeps its sequence, and what is no more is cancelled. A file that somebody else wrote is not overwritten.
func (a *App) CalendarFile(name, title string, stamp time.Time, entries []calendar.Entry) ([]byte, error) {
	var earlier Input
	if place, err := a.placeOf(name); err != nil || !place.stream {
		if earlier, err = a.Read(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("write %s: the calendar that is there cannot be read: %w", name, cmp.Or(errors.Unwrap(err), err))
		}
	}
	data, err := calendar.WriteICS(title, stamp, entries, earlier.Data)
	if err != nil {
		return nil, fmt.Errorf("%s is there already: %w; move it away or choose another name", name, err)
	}
	return data, nil
}
