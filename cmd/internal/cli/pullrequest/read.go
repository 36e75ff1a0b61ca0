package pullrequest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/plan"
)

// side is what the jobs say of one side of a pull request; nil is a job that did not run.
type side struct {
	folder string
	scan   *scanned
	rules  *ruled
	slos   *explained
	plan   *plan.Plan
	budget *gated
}

// The parts of the machine shapes that are read here.
type (
	scanned struct {
		Findings []finding `json:"findings"`
	}
	ruled struct {
		Rules    ruleCount    `json:"rules"`
		Changes  []ruleChange `json:"changes"`
		Findings []finding    `json:"findings"`
	}
	explained struct {
		SLOs []promised `json:"slos"`
	}
	promised struct {
		Name      string      `json:"name"`
		Objective json.Number `json:"objective"`
		Period    string      `json:"period"`
		Alerts    []struct {
			Severity string      `json:"severity"`
			Long     string      `json:"long"`
			Short    string      `json:"short"`
			Burn     json.Number `json:"burn"`
		} `json:"alerts"`
		Findings []finding `json:"findings"`
	}
	gated struct {
		SLOs []struct {
			Name      string      `json:"name"`
			Objective json.Number `json:"objective"`
			State     string      `json:"state"`
			Groups    []struct {
				Left   float64 `json:"budgetLeft"`
				Needed float64 `json:"needed"`
				Burn   float64 `json:"burn"`
			} `json:"groups"`
		} `json:"slos"`
	}
)

// finding is one of any job; that of a scan says which object it is about.
type finding struct {
	diag.Finding
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

// job is one whose JSON is read.
type job struct {
	file, command, about string
	both                 bool     // it says something of one side, and has to run on both
	keys                 []string // which tell its JSON from that of others
	take                 func(data []byte) error
	ran                  bool
}

// jobs are those that are known, in the order in which they are shown, and what they said of a side.
func jobs(s *side) []job {
	return []job{
		{
			file: "scan.json", command: "treadmill upgrade scan", about: "APIs", both: true,
			keys: []string{"findings", "catalogue"}, take: into(&s.scan), ran: s.scan != nil,
		},
		{
			file: "rules.json", command: "treadmill rules ci", about: "rules",
			keys: []string{"changes", "rules"}, take: into(&s.rules), ran: s.rules != nil,
		},
		{
			file: "slos.json", command: "treadmill slo explain", about: "SLOs", both: true,
			keys: []string{"slos"}, take: into(&s.slos), ran: s.slos != nil,
		},
		{
			file: "plan.json", command: "treadmill upgrade plan", about: "the plan", both: true,
			keys: []string{"campaigns", "horizon"}, take: into(&s.plan), ran: s.plan != nil,
		},
		{
			file: "budget.json", command: "treadmill slo gate", about: "budgets",
			keys: []string{"slos", "state"}, take: into(&s.budget), ran: s.budget != nil,
		},
	}
}

func into[T any](to **T) func(data []byte) error {
	return func(data []byte) error {
		*to = new(T)
		return json.Unmarshal(data, *to)
	}
}

func (s side) empty() bool {
	for _, j := range jobs(&s) {
		if j.ran {
			return false
		}
	}
	return true
}

// maxJSON is the largest output that is read, in bytes: the plan of 10,000 clusters has a tenth of it.
const maxJSON = 1 << 29

// read reads the JSON of the jobs in a folder.
func read(a *app.App, folder string) (side, error) {
	s := side{folder: folder}
	if f, err := a.Env.Open(folder); err != nil {
		return s, fmt.Errorf("read %s: %w", folder, app.Cause(err))
	} else if err := f.Close(); err != nil {
		return s, err
	}
	for _, j := range jobs(&s) {
		name := filepath.Join(folder, j.file)
		in, err := a.ReadUpTo(name, maxJSON)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		in.Data = yamlx.UTF8(in.Data)
		if err == nil {
			err = j.check(in.Data)
		}
		if err == nil {
			err = j.take(in.Data)
		}
		if err != nil {
			return s, fmt.Errorf("read %s as `%s -o json` writes it: %w", name, j.command, app.Cause(err))
		}
	}
	return s, nil
}

// check tells the JSON of the job from that of others.
func (j job) check(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	if string(fields["version"]) != "1" {
		return errors.New("it has no version 1")
	}
	for _, key := range j.keys {
		if _, ok := fields[key]; !ok {
			return fmt.Errorf("it has no %q", key)
		}
	}
	return nil
}
