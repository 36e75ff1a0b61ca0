package drift

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
	"treadmill/rules/loaded"
	"treadmill/slo/prom"
)

// server is what a server has loaded; nil, and a finding, where it does not say.
func (c *comparison) server(ctx context.Context) (*loaded.Side, error) {
	client, err := input.Client(c.app, c.ruleFlags.server)
	if err != nil {
		return nil, err
	}
	name := serverName(c.ruleFlags.server.Address)
	unread := func(message string) {
		c.findings = append(c.findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: name}, Message: message})
	}
	all, err := client.Rules(ctx)
	c.compared = append(c.compared, drift.Compared{Kind: drift.Rules, Cluster: name, None: err != nil, Hidden: len(all.Warnings) > 0})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		unread("its rules cannot be read: " + app.Cause(err).Error())
		return nil, nil
	}
	if len(all.Warnings) > 0 {
		unread("it tells only a part of its rules, so that none is said to be missing there: " + strings.Join(all.Warnings, "; "))
	}
	side := &loaded.Side{Cluster: name, Name: name, Server: true, Partial: len(all.Warnings) > 0}
	for _, g := range all.Groups {
		side.Groups = append(side.Groups, onServer(name, g))
	}
	return side, nil
}

// onServer is a group as a server has it.
func onServer(server string, g prom.LoadedGroup) loaded.Has {
	seconds := func(s float64) model.Duration { return model.Duration(s * float64(time.Second)) }
	has := loaded.Has{Place: fmt.Sprintf("%s, %s", server, g.File), Errors: map[int]string{}}
	has.Group = rules.Group{Name: g.Name, Interval: seconds(g.Interval)}
	for i, r := range g.Rules {
		one := rules.Rule{Record: r.Name, Expr: r.Expr, Labels: r.Labels}
		if r.Alerting() {
			one = rules.Rule{Alert: r.Name, Expr: r.Expr, For: seconds(r.For), Labels: r.Labels, Annotations: r.Annotations}
			if has.KeepUnknown = has.KeepUnknown || r.Keep == nil; r.Keep != nil {
				one.KeepFiringFor = seconds(*r.Keep)
			}
		}
		has.Group.Rules = append(has.Group.Rules, one)
		has.Errors[i] = r.Failure()
	}
	has.Managed = loaded.Generated(has.Group)
	return has
}

// serverName is how findings name a server: without what its address may hold of secrets.
func serverName(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return "server " + u.Host + strings.TrimSuffix(u.Path, "/")
	}
	return "server"
}
