package gate

import "time"

// approved checks that the campaign of the hop is approved, where the policy asks for that.
func (in Input) approved() (Check, bool) {
	required := in.Fleet.Policy.Approval.Required(in.Cluster)
	switch {
	case in.Plan == nil && required:
		return unknown(checkApprove, "the policy asks for an approval of the campaign: give the plan that has it with --plan"), true
	case in.Plan == nil:
		return Check{}, false
	}
	for _, c := range in.Plan.Campaigns {
		if c.Cluster != in.Cluster.Name.V || c.To.Less(in.To) || !c.From.Less(in.To) && c.To != in.To || !c.End.After(in.Now) {
			continue
		}
		a, fault, ok := in.Plan.Approved(c, in.Now)
		switch {
		case ok:
			return open(checkApprove, "the campaign to %s is %s", c.To, a), true
		case required && fault != "":
			return closed(checkApprove, time.Time{}, "the approval of the campaign to %s does not count, %s: "+
				"write who approved it, and when, to the plan", c.To, fault), true
		case required:
			return closed(checkApprove, time.Time{}, "the campaign to %s is not approved: "+
				"write \"approved\": {\"by\": …, \"on\": …} to it in the plan, or make one with --approve", c.To), true
		case fault != "":
			return open(checkApprove, "the policy asks for none, and that of the campaign to %s does not count: %s", c.To, fault), true
		}
		return open(checkApprove, "the policy asks for none, and the campaign to %s has none", c.To), true
	}
	if required {
		return closed(checkApprove, time.Time{}, "the plan has no campaign to %s that is approved", in.To), true
	}
	return open(checkApprove, "the policy asks for none"), true
}
