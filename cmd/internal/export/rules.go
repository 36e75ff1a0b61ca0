package export

import _ "embed"

//go:embed rules.yaml
var rules []byte

// Rules are the alert rules on the metrics, as a rule file of Prometheus.
func Rules() []byte { return rules }
