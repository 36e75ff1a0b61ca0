// Package defaults knows the alerts that ship with the common Kubernetes monitoring stacks and says what to do with each.
//
// The way through it: []rules.File + Table → Audit → Report. The table has one row for each alert and severity, with a
// disposition and its reason; an alert is known by its name, its severity and the shape of its expression. What the
// table does not know is left alone. The package knows no history: whether an alert was noisy in one cluster it cannot say.
package defaults

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Disposition is what should become of an alert.
type Disposition string

// The dispositions, in the order in which people read them.
const (
	Page     Disposition = "page"     // wakes somebody
	Ticket   Disposition = "ticket"   // is worked on by day
	Info     Disposition = "info"     // belongs on a dashboard
	Replaced Disposition = "replaced" // an SLO watches over the symptom
	Dropped  Disposition = "dropped"  // tells nobody anything
	Unknown  Disposition = "unknown"  // not one of the known defaults: left alone
)

// Dispositions lists every disposition in its order.
func Dispositions() []Disposition {
	return []Disposition{Page, Ticket, Info, Replaced, Dropped, Unknown}
}

// UnmarshalText reads a disposition that a table may hold.
func (d *Disposition) UnmarshalText(text []byte) error {
	*d = Disposition(text)
	if *d == Unknown || !slices.Contains(Dispositions(), *d) {
		return fmt.Errorf("%q is not a disposition: want page, ticket, info, replaced or dropped", text)
	}
	return nil
}

// Row says what to do with one alert at one severity.
type Row struct {
	Pos         diag.Position
	Alert       string      `yaml:"alert,required"`
	Severity    string      `yaml:"severity,required"`
	Group       string      `yaml:"group"`
	Disposition Disposition `yaml:"disposition,required"`
	ReplacedBy  []string    `yaml:"replacedBy"` // IDs of platform SLOs
	Reason      string      `yaml:"reason,required"`
	Needs       []string    `yaml:"needs"` // what must exist for the alert to mean anything: etcd, kube-proxy, mdraid …
	Route       string      `yaml:"route"` // who should get it, where that is not whoever is on call
	Tune        string      `yaml:"tune"`  // a change that makes it worth keeping; see ReadTune
	// Having and Lacking are other dispositions where the platform has something that few have, or lacks something that most have.
	Having          map[string]Disposition `yaml:"having"`
	Lacking         map[string]Disposition `yaml:"lacking"`
	Fix             string                 `yaml:"fix"`             // the expression that it should have
	UpgradeExpected bool                   `yaml:"upgradeExpected"` // fires by design while nodes or control planes are upgraded
	Expr            []string               `yaml:"expr"`            // fingerprints of the expressions that it shipped with; see Fingerprint
	// Reads is what the shipped expressions read: of each the names of its series, in order and with a space between. Where there are no
	// fingerprints an alert is known by these; a retuned one is known by them at any severity.
	Reads  []string `yaml:"reads"`
	Source string   `yaml:"source,required"`
	Date   string   `yaml:"date,required"`
}

// Table is every row by the name of its alert.
type Table map[string][]Row

//go:embed data/dispositions.yaml
var dispositions []byte

// Known is the table that Treadmill ships of kube-prometheus and kube-prometheus-stack, which it can replace.
func Known() (Table, []diag.Finding) { return ReadTable("dispositions.yaml", dispositions) }

//go:embed data/families.yaml
var families []byte

// Everything is Known with the alerts of other families: published mixins, OpenShift's, VictoriaMetrics'. Where two have one name at one
// severity the rows of Known come first.
func Everything() (Table, []diag.Finding) {
	table, findings := Known()
	others, problems := ReadTable("families.yaml", families)
	for name, rows := range others {
		table[name] = append(table[name], rows...)
	}
	return table, append(findings, problems...)
}

// ReadTable reads a table in the format of the shipped one: version and rows.
func ReadTable(name string, data []byte) (Table, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	table := Table{}
	if len(docs) == 0 && len(findings) == 0 {
		findings = append(
			findings,
			diag.Finding{
				ID:       diag.Syntax,
				Severity: diag.Error,
				Position: diag.Position{File: name},
				Message:  "the file is empty: want version: 1 and rows",
			},
		)
	}
	for _, doc := range docs {
		var file struct {
			Version int   `yaml:"version,required"`
			Rows    []Row `yaml:"rows,required"`
		}
		findings = append(findings, yamlx.Decode(doc, &file)...)
		if file.Version != 1 {
			findings = append(findings,
				diag.Finding{ID: "input/value", Severity: diag.Error, Position: yamlx.Position(name, doc.Root), Message: "version: want 1"})
			continue
		}
		for _, row := range file.Rows {
			if i := slices.IndexFunc(table[row.Alert], func(r Row) bool { return r.Severity == row.Severity }); i >= 0 {
				findings = append(findings, diag.Finding{ID: "input/duplicate", Severity: diag.Error, Position: row.Pos,
					Message: fmt.Sprintf("%s at severity %q is already on line %d", row.Alert, row.Severity, table[row.Alert][i].Pos.Line)})
				continue
			}
			table[row.Alert] = append(table[row.Alert], row)
		}
	}
	return table, findings
}

// Stamp is the newest date and the number of rows of the shipped table, which has one row a line, without parsing it.
func Stamp() (date string, rows int) {
	for line := range strings.Lines(string(dispositions)) {
		if _, at, found := strings.Cut(line, ", date: "); found {
			date, rows = max(date, strings.TrimRight(at, "}\n")), rows+1
		}
	}
	return date, rows
}
