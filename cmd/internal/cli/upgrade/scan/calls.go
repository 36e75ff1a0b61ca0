package scan

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/prom"
	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// metrics reads the metrics of an API server from a file, or from a Prometheus server that has scraped them.
func metrics(ctx context.Context, a *app.App, l *liveFlags, out *liveResult) error {
	if !strings.HasPrefix(l.metrics, "http://") && !strings.HasPrefix(l.metrics, "https://") {
		out.files[shownName(l.metrics)] = object.Metrics
		metricsFile(a, l.metrics, out)
		return nil
	}
	server := l.server
	server.Address = l.metrics
	client, err := input.Client(a, server)
	if err != nil {
		return err
	}
	name := "Prometheus"
	if u, err := url.Parse(l.metrics); err == nil {
		name = "Prometheus " + u.Host
	}
	out.files[name] = object.Metrics
	if err := metricsServer(ctx, a, client, name, out); err != nil {
		out.Live.Findings = append(out.Live.Findings, unreadInput(name, err))
	}
	return ctx.Err()
}

// metricsServer asks a Prometheus server for the metric as it is now.
func metricsServer(ctx context.Context, a *app.App, client *prom.Client, name string, out *liveResult) error {
	now := slo.Grid{From: time.Time(a.Now).Truncate(time.Second), Step: slo.Window(time.Minute), N: 1}
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
	out.Calls = append(out.Calls, found...)
	out.logged += len(found)
	out.Live.Findings = append(out.Live.Findings, input.Warned(name, answer.Warnings)...)
	return nil
}

// metricsFile reads the metrics of an API server from a file.
func metricsFile(a *app.App, name string, out *liveResult) {
	err := withFile(a, name, func(f manifestFile) error {
		found, err := auditlog.Metrics(f, shownName(name))
		out.Calls = append(out.Calls, found...)
		out.logged += len(found)
		return err
	})
	if err != nil {
		out.Live.Findings = append(out.Live.Findings, unreadInput(name, err))
	}
}

// auditLog reads an audit log.
func auditLog(a *app.App, name string, table *lifecycle.Table, out *liveResult) {
	err := withFile(a, name, func(f manifestFile) error {
		log, err := auditlog.Audit(f, shownName(name), table)
		out.Calls = append(out.Calls, log.Calls...)
		out.Live.Findings = append(out.Live.Findings, log.Findings...)
		out.own += log.Own
		out.logged += log.Events
		return err
	})
	if err != nil {
		out.Live.Findings = append(out.Live.Findings, unreadInput(name, err))
	}
}

// manifestFile is an open input.
type manifestFile interface {
	Read([]byte) (int, error)
	Close() error
}

// withFile opens a file, or standard input for "-", for as long as it is used.
func withFile(a *app.App, name string, use func(manifestFile) error) error {
	f, err := a.OpenAny(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return use(f)
}

func shownName(name string) string {
	if name == app.StdinArg {
		return app.StdinName
	}
	return name
}

func unreadInput(name string, err error) diag.Finding {
	return diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: shownName(name)},
		Message: "cannot be read: " + app.Cause(err).Error()}
}
