package plan

import "time"

// The duties that a quarter has.
const (
	Must    = "must"
	Should  = "should"
	CanWait = "can wait"
)

// Duty is what a quarter that ends at a time asks of a campaign. It must be done in it where the version that it leaves is due before the
// quarter ends. It should be where that is due in the quarter after, or the provider bills extended support for it before the quarter ends.
// Else it can wait.
func (c Campaign) Duty(end time.Time) string {
	switch {
	case c.Due.Before(end):
		return Must
	case c.Due.Before(end.AddDate(0, 3, 0)), c.Bills(end):
		return Should
	}
	return CanWait
}

// Bills reports whether extended support is billed for the version that a campaign leaves before a time.
func (c Campaign) Bills(before time.Time) bool {
	return !c.Billed.IsZero() && c.MonthlyFee > 0 && c.Billed.Before(before)
}
