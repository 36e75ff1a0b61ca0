package spec

import (
	"regexp"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// namespaceForm is what Kubernetes takes for the name of a namespace: a label of DNS (RFC 1123).
var namespaceForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// housed leaves out SLOs of objects in namespaces that Kubernetes would not have: a namespace is part of the SLO's name, in labels and files.
func housed(all []slo.SLO, findings []diag.Finding) ([]slo.SLO, []diag.Finding) {
	out := all[:0]
	for _, s := range all {
		if n := s.Object.Namespace; n != "" && !namespaceForm.MatchString(n) {
			findings = append(findings, diag.Errorf("spec/name", s.Pos,
				"%q is not the name of a namespace; use at most 63 small letters, digits and '-', with a letter or digit at both ends", n))
			continue
		}
		out = append(out, s)
	}
	return out, findings
}
