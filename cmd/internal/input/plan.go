package input

import (
	"encoding/json"
	"errors"
	"fmt"

	"treadmill/cmd/internal/app"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/plan"
)

// maxPlan is the largest plan that is read, in bytes: about 2 KB a cluster.
const maxPlan = 1 << 29

// ReadPlan reads an earlier plan; no name gives none.
func ReadPlan(a *app.App, name string) (*plan.Plan, error) {
	if name == "" {
		return nil, nil
	}
	in, err := a.ReadUpTo(name, maxPlan)
	if err != nil {
		return nil, err
	}
	var p plan.Plan
	err = json.Unmarshal(yamlx.UTF8(in.Data), &p)
	if err == nil && (p.Version != 1 || p.Horizon.IsZero()) { // other commands have a version too, and a fleet without a plan no horizon
		err = errors.New("it has no version 1 and horizon")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not a plan as `upgrade plan -o json` writes it: %w", in.Name, err)
	}
	return &p, nil
}
