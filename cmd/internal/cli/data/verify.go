package data

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/snapshot"
)

// FindingRefused is the ID of what is wrong with a snapshot.
const FindingRefused = "data/refused"

// verifyData is the machine shape of `data verify`.
type verifyData struct {
	Version  int                `json:"version"`
	Keys     []string           `json:"keys"`
	Manifest *snapshot.Manifest `json:"manifest,omitempty"`
	Findings []diag.Finding     `json:"findings"`
}

func verifyCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "verify FILE", Args: cobra.ExactArgs(1), Short: "Check a snapshot: signature, format, checksums, expiry",
		Long:    "Says who signed a snapshot of the tables, what it holds and until when it can be used, or why it is refused.",
		Example: "  treadmill data verify treadmill-data.zip --data-key platform.pub",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			if _, err := a.ReadUpTo(args[0], 1<<30); err != nil {
				return report.View{}, fmt.Errorf("read %s: %w", args[0], err)
			}
			b, err := a.OpenSnapshot(args[0])
			if err == nil {
				err = b.Manifest.Check(today(a), "")
			}
			return verifyView(args[0], b, err), nil
		}),
	}
	return a.Returns(c, verifyData{})
}

func verifyView(name string, b snapshot.Bundle, refused error) report.View {
	data := verifyData{Version: 1, Keys: app.List(b.Keys), Findings: []diag.Finding{}}
	if refused != nil {
		data.Findings = append(data.Findings, diag.Finding{ID: FindingRefused, Severity: diag.Error, Position: diag.Position{File: name},
			Message: strings.TrimPrefix(refused.Error(), name+": ")})
		return report.View{Lead: []string{"The snapshot is refused."}, Data: data, Findings: data.Findings}
	}
	m := b.Manifest
	data.Manifest = &m
	t := report.Table{Columns: []report.Column{{Name: "file"}, {Name: "read"}, {Name: "bytes", Right: true}, {Name: "sha256", Wide: true}}}
	for _, f := range m.Files {
		t.Rows = append(t.Rows, report.Row{Cells: []string{f.Name, f.Read, strconv.Itoa(f.Size), f.SHA256}})
	}
	lead := fmt.Sprintf(
		"Signed by %s on %s; to be used before %s; Kubernetes up to %s",
		strings.Join(b.Keys, ", "),
		m.Created,
		m.Expires,
		m.Newest,
	)
	if m.Preview != "" {
		lead += " and the pre-release " + m.Preview
	}
	return report.View{Lead: []string{lead + "."}, Data: data, Tables: []report.Table{t}}
}
