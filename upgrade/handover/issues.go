package handover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade/plan"
)

// issue is a campaign as people track it.
type issue struct {
	id, title, body string
	labels          []string
	due             string // the day on which it is to be over
}

// issues are the campaigns. The id is of the cluster and the version that it leaves, so that a campaign that moves or grows keeps it.
func (h *handover) issues() []issue {
	var out []issue
	for _, c := range h.campaigns {
		x := issue{
			id:     name("upgrade", c.Cluster, dashed(c.From)),
			due:    c.End.Add(-time.Minute).Format(time.DateOnly),
			labels: []string{"kubernetes-upgrade"},
		}
		x.title = fmt.Sprintf("Upgrade %s from Kubernetes %s to %s", c.Cluster, c.FromName(), c.ToName())
		if len(c.Hops) == 0 {
			x.id = name("upgrade", c.Cluster, dashed(c.From), "nodes")
			x.title = fmt.Sprintf("Bring the nodes of %s to Kubernetes %s", c.Cluster, c.ToName())
		}
		for _, l := range []string{c.Team, c.Environment} {
			if l != "" {
				x.labels = append(x.labels, l)
			}
		}
		x.labels = append(x.labels, x.id)
		x.body = h.body(c, x.id)
		out = append(out, x)
	}
	for _, c := range h.clouds {
		out = append(out, cloudIssue(c))
	}
	return out
}

// cloudIssue is an upgrade by the provider, for those who must be ready for it.
func cloudIssue(c plan.CloudUpgrade) issue {
	x := issue{
		id:     name("provider-upgrade", c.Cluster, dashed(c.From)),
		due:    c.Day.Format(time.DateOnly),
		labels: []string{"kubernetes-provider-upgrade"},
		title:  fmt.Sprintf("%s upgrades %s from Kubernetes %s to %s by itself", c.Provider, c.Cluster, c.From, c.To),
	}
	if c.Team != "" {
		x.labels = append(x.labels, c.Team)
	}
	x.labels = append(x.labels, x.id)
	x.body = c.Text() + ".\n\ntreadmill: " + x.id + "\n"
	return x
}

// body is what is to be done, as a list to tick off.
func (h *handover) body(c plan.Campaign, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Why: %s. Due %s (%d days to spare).\n\n", c.Reason, c.Due.Format(time.DateOnly), c.SlackDays)
	for _, s := range c.Steps {
		for _, a := range c.Addons {
			if a.Hop == s.To && len(c.Hops) > 0 {
				fmt.Fprintf(&b, "- [ ] %s before %s: %s\n", a.Addon, s.To, a.Reason)
			}
		}
		what := "control plane to " + s.Name()
		switch {
		case len(c.Hops) == 0:
			what = "nodes to " + s.Name()
		case s.Nodes:
			what += ", then the nodes"
		}
		fmt.Fprintf(&b, "- [ ] %s, %s to %s (%s)\n", what, s.Start.Format("Mon 2006-01-02 15:04"), s.End.Format("15:04"), c.Timezone)
	}
	if a, _, ok := h.plan.Approved(c, h.plan.Now); ok {
		fmt.Fprintf(&b, "\nThe campaign is %s.\n", a)
	}
	fmt.Fprintf(&b, "\ntreadmill: %s\n", id)
	return b.String()
}

// github writes an issue a file, as POST /repos/{owner}/{repo}/issues takes it.
func (h *handover) github() {
	for _, x := range h.issues() {
		h.json(x.id+".json", map[string]any{"title": x.title, "body": x.body, "labels": x.labels})
	}
}

// gitlab writes an issue a file, as POST /projects/:id/issues takes it.
func (h *handover) gitlab() {
	for _, x := range h.issues() {
		h.json(x.id+".json", map[string]any{"title": x.title, "description": x.body, "labels": strings.Join(x.labels, ","), "due_date": x.due})
	}
}

// jira writes an issue a file, as POST /rest/api/2/issue takes it but for its project. Labels of Jira have no blanks.
func (h *handover) jira() {
	for _, x := range h.issues() {
		labels := slices.Clone(x.labels)
		for i, l := range labels {
			labels[i] = strings.Join(strings.Fields(l), "-")
		}
		h.json(x.id+".json", map[string]any{"fields": map[string]any{
			"issuetype":   map[string]string{"name": "Task"},
			"summary":     x.title,
			"description": x.body,
			"labels":      labels,
			"duedate":     x.due,
		}})
	}
}
