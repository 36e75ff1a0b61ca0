package drift

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/loaded"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/kube"
)

// ruleFlags say which rules are wanted, and which server has loaded them.
type ruleFlags struct {
	specs, files []string
	options      compile.Options
	server       input.Live
}

func (f *ruleFlags) add(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.specs, "slo", nil, "file or folder of SLO specs, whose rules are compared; may be repeated")
	c.Flags().StringSliceVar(&f.files, "rules", nil,
		"file or folder of rules in Git, as rules generate wrote them or of any other kind; may be repeated")
	input.Intervals(c.Flags(), &f.options)
	c.Flags().StringVar(&f.options.Runbook, "runbook-template", "", "the --runbook-template that the rules were generated with")
	f.server.Add(c)
}

func (f ruleFlags) given() bool { return len(f.specs)+len(f.files) > 0 }

// rules compares specs and rule files with the rule objects of clusters and with what a server has loaded.
func (c *comparison) rules(ctx context.Context) error {
	wants := c.wanted()
	var sides []loaded.Side
	parts := make([]*loaded.Side, len(c.contexts))
	gaps := make([][]diag.Finding, len(c.contexts))
	var wait sync.WaitGroup
	for i, k := range c.contexts {
		wait.Go(func() { parts[i], gaps[i] = objects(ctx, k) })
	}
	wait.Wait()
	for i, side := range parts {
		c.findings = append(c.findings, gaps[i]...)
		name, alike := c.named(c.contexts[i].Name)
		if c.compared = append(c.compared, drift.Compared{Kind: drift.Rules, Cluster: name, Context: c.contexts[i].Name,
			None: side == nil}); side != nil {
			side.Cluster, side.Alike = name, alike
			sides = append(sides, *side)
		}
	}
	if c.ruleFlags.server.Address != "" {
		side, err := c.server(ctx)
		if err != nil {
			return err
		}
		if side != nil {
			sides = append(sides, *side)
		}
	}
	ask := loaded.Ask{All: len(c.ruleFlags.specs) > 0, Fix: c.generate()}
	c.found = append(c.found, loaded.Compare(wants, sides, ask)...)
	return ctx.Err()
}

// generate is the command that makes the rules anew.
func (c *comparison) generate() string {
	if len(c.ruleFlags.specs) == 0 {
		return ""
	}
	out := "treadmill rules generate"
	for _, s := range c.ruleFlags.specs {
		out += " " + drift.Quoted(s)
	}
	return out
}

// wanted is what the specs make now, and what files in Git have of it and besides.
func (c *comparison) wanted() []loaded.Want {
	var wants []loaded.Want
	at := map[string]int{}
	if len(c.ruleFlags.specs) > 0 {
		drafts, findings := input.Drafted(c.app, c.ruleFlags.specs, c.ruleFlags.options)
		for _, f := range findings {
			if f.Severity == diag.Error { // what is said of sound specs is for rules generate
				c.findings = append(c.findings, f)
			}
		}
		for _, family := range compile.Families(drafts) {
			for _, g := range compile.Groups(family) {
				at[g.Name] = len(wants)
				wants = append(wants, loaded.Want{Group: g, Pos: family[0].SLO.Pos, Owner: family[0].SLO.Service, Spec: family[0].SLO.ID})
			}
		}
	}
	if len(c.ruleFlags.files) == 0 {
		return wants
	}
	files, findings := input.RuleFiles(c.app, c.ruleFlags.files)
	c.findings = append(c.findings, findings...)
	var twice []string
	for _, f := range files {
		for _, g := range f.Groups {
			i, met := at[g.Name]
			switch {
			case !met:
				at[g.Name] = len(wants)
				wants = append(wants, loaded.Want{Group: g, Pos: g.Pos})
			case wants[i].Spec != "" && wants[i].File == nil:
				wants[i].File = &g
			default:
				twice = append(twice, g.Name+" ("+g.Pos.String()+")")
			}
		}
	}
	if len(twice) > 0 {
		c.notes = append(c.notes, some(twice, "group was not compared, as the files have another of its name",
			"groups were not compared, as the files have others of their names"))
	}
	return wants
}

// named is the name in the fleet of the cluster of a context, and which clusters are to be like it.
func (c *comparison) named(context string) (name, alike string) {
	for _, p := range c.pairs.Both {
		if p.Live.Context == context {
			return p.File.Name.V, group(p.File)
		}
	}
	if c.as != "" {
		return c.as, ""
	}
	for _, l := range c.live {
		if l.Context == context {
			return l.Name, ""
		}
	}
	return context, ""
}

func group(f fleet.Cluster) string { return f.Group.V }

// objects are the rule objects of a cluster; nil where they cannot be read.
func objects(ctx context.Context, k *kube.Cluster) (*loaded.Side, []diag.Finding) {
	docs, err := k.PrometheusRules(ctx)
	if err != nil {
		return nil, []diag.Finding{k.Unread("prometheusrules.monitoring.coreos.com", err)}
	}
	side := &loaded.Side{Name: "context " + k.Name}
	var findings []diag.Finding
	for _, d := range docs {
		files, problems := rules.Read(d.Name, d.Data)
		writer := lastWriter(d.Data)
		for _, f := range files {
			managed := f.Labels["app.kubernetes.io/managed-by"] == "treadmill"
			for _, g := range f.Groups {
				side.Groups = append(side.Groups, loaded.Has{Group: g, Place: "context " + k.Name + ", " + f.Object, Object: f.Object,
					Managed: managed, Writer: writer})
			}
			for _, p := range problems {
				if managed && p.Severity == diag.Error {
					findings = append(findings, p)
				}
			}
		}
	}
	return side, findings
}

// lastWriter is who wrote an object last, its status left aside.
func lastWriter(object []byte) loaded.Writer {
	var o struct {
		Metadata struct {
			ManagedFields []struct {
				Manager     string    `json:"manager"`
				Time        time.Time `json:"time"`
				Subresource string    `json:"subresource"`
			} `json:"managedFields"`
		} `json:"metadata"`
	}
	var out loaded.Writer
	if json.Unmarshal(object, &o) != nil {
		return out
	}
	for _, m := range o.Metadata.ManagedFields {
		if m.Subresource == "" && !m.Time.Before(out.At) {
			out = loaded.Writer{Manager: m.Manager, At: m.Time}
		}
	}
	return out
}
