package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/prom"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// metrics reads the metrics of an API server from a file, or from a Prometheus server that has scraped them.
func (a *app) metrics(ctx context.Context, l *liveFlags, out *liveResult) error {
	if !strings.HasPrefix(l.metrics, "http://") && !strings.HasPrefix(l.metrics, "https://") {
		out.files[shownName(l.metrics)] = read.Metrics
		a.metricsFile(l.metrics, out)
		return nil
	}
	server := l.server
	server.address = l.metrics
	client, err := a.client(server)
	if err != nil {
		return err
	}
	name := "Prometheus"
	if u, err := url.Parse(l.metrics); err == nil {
		name = "Prometheus " + u.Host
	}
	out.files[name] = read.Metrics
	if err := a.metricsServer(ctx, client, name, out); err != nil {
		out.Findings = append(out.Findings, unreadInput(name, err))
	}
	return ctx.Err()
}

// metricsServer asks a Prometheus server for the metric as it is now.
func (a *app) metricsServer(ctx context.Context, client *prom.Client, name string, out *liveResult) error {
	now := slo.Grid{From: time.Time(a.now).Truncate(time.Second), Step: slo.Window(time.Minute), N: 1}
	answer, err := client.Range(ctx, auditlog.Query, now)
	if err != nil {
		return err
	}
	var samples []auditlog.Sample
	for _, s := range answer.Series {
		samples = append(samples, auditlog.Sample{Labels: s.Labels, Value: s.Values[0]})
	}
	if len(samples) == 0 {
		serving, err := client.Range(ctx, auditlog.Serving, now)
		if err != nil {
			return err
		}
		if len(serving.Series) == 0 {
			return errors.New("the server has no metrics of an API server: it does not scrape one")
		}
	}
	found := auditlog.Samples(samples, name)
	out.calls = append(out.calls, found...)
	out.logged += len(found)
	out.Findings = append(out.Findings, warned(name, answer.Warnings)...)
	return nil
}

// metricsFile reads the metrics of an API server from a file.
func (a *app) metricsFile(name string, out *liveResult) {
	err := a.withFile(name, func(f manifestFile) error {
		found, err := auditlog.Metrics(f, shownName(name))
		out.calls = append(out.calls, found...)
		out.logged += len(found)
		return err
	})
	if err != nil {
		out.Findings = append(out.Findings, unreadInput(name, err))
	}
}

// auditLog reads an audit log.
func (a *app) auditLog(name string, table *lifecycle.Table, out *liveResult) {
	err := a.withFile(name, func(f manifestFile) error {
		log, err := auditlog.Audit(f, shownName(name), table)
		out.calls = append(out.calls, log.Calls...)
		out.Findings = append(out.Findings, log.Findings...)
		out.own += log.Own
		out.logged += log.Events
		return err
	})
	if err != nil {
		out.Findings = append(out.Findings, unreadInput(name, err))
	}
}

// manifestFile is an open input.
type manifestFile interface {
	Read([]byte) (int, error)
	Close() error
}

// withFile opens a file, or standard input for "-", for as long as it is used.
func (a *app) withFile(name string, use func(manifestFile) error) error {
	f, err := a.openAny(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return use(f)
}

func shownName(name string) string {
	if name == stdinArg {
		return stdinName
	}
	return name
}

func unreadInput(name string, err error) diag.Finding {
	return diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: shownName(name)},
		Message: "cannot be read: " + cause(err).Error()}
}

// judgeCalls turns calls into findings: those of built-in APIs by the table, the others by the word of the server.
func judgeCalls(found []auditlog.Call, table *lifecycle.Table, target upgrade.Minor) []scan.Finding {
	objects, rest := auditlog.Objects(found, table)
	out := scan.Find(objects, table, target)
	for _, c := range rest {
		if c.Deprecated {
			o := read.Object{Source: c.Source, APIVersion: c.APIVersion(), Kind: c.Resource, Owner: c.Owner(), Position: c.Position}
			out = append(out, scan.Custom(o, c.Removed, target, "the API server that serves it calls it deprecated"))
		}
	}
	return out
}
