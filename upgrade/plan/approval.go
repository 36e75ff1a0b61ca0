package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Approval says who approved something, and when.
type Approval struct {
	By string    `json:"by"`
	On time.Time `json:"on"`
}

// String is the approval for people: "anna on 2026-11-23", or "approved" where nobody wrote who.
func (a Approval) String() string {
	switch {
	case a.By == "":
		return "approved"
	case a.On.IsZero():
		return "approved by " + a.By
	default:
		return fmt.Sprintf("approved by %s on %s", a.By, a.On.Format(time.DateOnly))
	}
}

// StageApproval approves all campaigns of an environment of a group, or of the environment in all groups where none is given.
type StageApproval struct {
	Group       string `json:"group,omitempty"`
	Environment string `json:"environment"`
	Approval
}

// of says whether the stage is that of a campaign.
func (s StageApproval) of(c Campaign) bool {
	return s.Environment == c.Environment && (s.Group == "" || s.Group == c.Group)
}

// UnmarshalJSON reads a campaign. It may say approved: true or, as people write it, approved: {by, on}, where on is a day or a time.
func (c *Campaign) UnmarshalJSON(text []byte) error {
	type plain Campaign
	x := struct {
		*plain
		Approved json.RawMessage `json:"approved"`
	}{plain: (*plain)(c)}
	if err := json.Unmarshal(text, &x); err != nil {
		return err
	}
	if len(x.Approved) == 0 || json.Unmarshal(x.Approved, &c.Approved) == nil {
		return nil
	}
	var a Approval
	if err := json.Unmarshal(x.Approved, &a); err != nil {
		return fmt.Errorf("approved of the campaign of %s to %s: want true, or by and on: %w", c.Cluster, c.To, err)
	}
	c.Approved, c.Approval = true, &a
	return nil
}

// UnmarshalJSON reads by and on, which may be a day.
func (a *Approval) UnmarshalJSON(text []byte) error {
	var x struct {
		By string `json:"by"`
		On string `json:"on"`
	}
	if err := json.Unmarshal(text, &x); err != nil {
		return err
	}
	a.By = x.By
	if x.On == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, x.On); err == nil {
			a.On = t
			return nil
		}
	}
	return fmt.Errorf("%.40q is neither a day such as 2026-11-23 nor a time", x.On)
}

// UnmarshalJSON reads the stage, and the approval beside it.
func (s *StageApproval) UnmarshalJSON(text []byte) error {
	var x struct {
		Group       string `json:"group"`
		Environment string `json:"environment"`
	}
	if err := json.Unmarshal(text, &x); err != nil {
		return err
	}
	s.Group, s.Environment = x.Group, x.Environment
	return s.Approval.UnmarshalJSON(text)
}

// Approved is who approved a campaign of the plan, itself or its stage; false for nobody whose approval counts at a time. The fault says
// why one that is there does not.
func (p *Plan) Approved(c Campaign, at time.Time) (a Approval, fault string, ok bool) {
	if c.Approved && c.Approval == nil {
		return Approval{}, "", true
	}
	if c.Approved {
		if fault = c.Approval.fault(at); fault == "" {
			return *c.Approval, "", true
		}
	}
	for _, s := range p.Approvals {
		if !s.of(c) {
			continue
		}
		why := s.fault(at)
		if why == "" {
			return s.Approval, "", true
		}
		if fault == "" {
			fault = fmt.Sprintf("of environment %s: %s", s.Environment, why)
		}
	}
	return Approval{}, fault, false
}

// ahead is how far the day begins before that of UTC where it does so first.
const ahead = 14 * time.Hour

// fault is why an approval that people wrote does not count at a time, "" where it does. A day counts from when it has begun somewhere.
func (a Approval) fault(at time.Time) string {
	if strings.TrimSpace(a.By) == "" {
		return `"by" names nobody`
	}
	on := a.On
	if on.Equal(on.Truncate(24 * time.Hour)) {
		on = on.Add(-ahead)
	}
	if on.After(at) {
		return fmt.Sprintf(`"on" (%s) is in the future`, a.On.Format(time.DateOnly))
	}
	return ""
}

// Approve marks the campaigns that start before a time as approved, so that a plan made from this one keeps them. By may be empty.
func (p *Plan) Approve(before time.Time, by string) {
	for i := range p.Campaigns {
		c := &p.Campaigns[i]
		if c.Approved || !c.Start.Before(before) {
			continue
		}
		if c.Approved = true; by != "" {
			c.Approval = &Approval{By: by, On: p.Now}
		}
	}
}

// approvals gives the campaigns of a plan the approvals that they had in the one that it was made from.
func (p *Plan) approvals(from *Plan) {
	p.Approvals = from.Approvals
	of := map[string]*Approval{}
	for _, c := range from.Campaigns {
		if c.Approval != nil {
			of[c.Cluster+" "+c.To.String()] = c.Approval
		}
	}
	for i := range p.Campaigns {
		if c := &p.Campaigns[i]; c.Approved {
			c.Approval = of[c.Cluster+" "+c.To.String()]
		}
	}
}
