package verify

import (
	"fmt"

	"treadmill/internal/diag"
)

// fail is a finding about a cluster, or about the whole plan where it is "".
func (v *verifier) fail(cluster, format string, args ...any) {
	at := diag.Position{File: v.fleet.File}
	message := fmt.Sprintf(format, args...)
	if t := v.clusters[cluster]; t != nil {
		at, message = t.cluster.Name.Pos, cluster+": "+message
	}
	v.findings = append(v.findings, diag.Finding{ID: FindingBroken, Severity: diag.Error, Position: at, Message: message})
}

// broken is a rule of docs/planning.md, by its number, that is not kept.
func (v *verifier) broken(rule int, cluster, format string, args ...any) {
	v.fail(cluster, "rule %d: "+format, append([]any{rule}, args...)...)
}
