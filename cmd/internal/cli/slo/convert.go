package slo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/slo"
	"treadmill/slo/openslo"
	"treadmill/slo/pyrra"
	"treadmill/slo/sloth"
)

// dialect is a dialect of SLO specs as a flag.
type dialect string

func (d *dialect) String() string { return string(*d) }

func (d *dialect) Type() string { return "dialect" }

// Words lists the dialects that can be written.
func (d *dialect) Words() []string { return []string{"openslo", "sloth", "pyrra"} }

func (d *dialect) Set(name string) error {
	if name != "openslo" && name != "sloth" && name != "pyrra" {
		return fmt.Errorf("want openslo, sloth or pyrra")
	}
	*d = dialect(name)
	return nil
}

// convertData is the machine shape of `slo convert`.
type convertData struct {
	Documents int            `json:"documents"`
	Findings  []diag.Finding `json:"findings"`
	Version   int            `json:"version"`
}

func convertCommand(a *app.App) *cobra.Command {
	to := dialect("openslo")
	c := &cobra.Command{
		Use: "convert FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Write SLO specs in another dialect",
		Long: `Reads SLOs of OpenSLO, Sloth and Pyrra and writes them in one dialect. Queries are written out, with {{.window}} instead of
each range. What the dialect has no place for is listed.`,
		Example: "  treadmill slo convert --to openslo sloth.yaml > openslo.yaml\n  treadmill slo convert --to sloth pyrra/",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			results, findings := input.Compiled(a, args)
			findings = input.Loud(findings)
			var docs [][]byte
			for _, r := range results {
				if len(r.Groups) == 0 {
					continue
				}
				text, lost, err := convert(r.SLO, to)
				if err != nil {
					findings = append(
						findings,
						diag.Finding{
							ID:       "convert/refused",
							Severity: diag.Error,
							Position: r.SLO.Pos,
							Message:  r.SLO.ID + " cannot be converted: " + err.Error(),
						},
					)
					continue
				}
				docs = append(docs, text)
				if len(lost) > 0 {
					findings = append(findings, diag.Finding{ID: "convert/lost", Severity: diag.Warning, Position: r.SLO.Pos,
						Message: r.SLO.ID + ": not carried over: " + strings.Join(lost, "; ")})
				}
			}
			return report.View{Document: bytes.Join(append([][]byte{}, docs...), []byte("---\n")), Findings: findings,
				Data: convertData{Version: 1, Documents: len(docs), Findings: app.List(findings)}}, nil
		}),
	}
	c.Flags().Var(&to, "to", "dialect to write: openslo, sloth, pyrra")
	return a.Returns(c, convertData{})
}

func convert(s slo.SLO, to dialect) (text []byte, lost []string, err error) {
	if s, err = compile.Valued(s, to != "openslo"); err != nil {
		return nil, nil, err
	}
	if to == "pyrra" {
		plain, err := query.PlainOf(s.Indicator)
		if err != nil {
			return nil, nil, err
		}
		return pyrra.Encode(s, plain)
	}
	if s, err = query.Portable(s); err != nil {
		return nil, nil, err
	}
	if to == "sloth" {
		return sloth.Encode(s)
	}
	return openslo.Encode(s)
}
