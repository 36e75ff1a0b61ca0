package slo

import "strings"

// severityWords are the words that people give alerts, by who acts on them, in small letters and without spaces and marks: those of
// Prometheus and Alertmanager (page, critical, warning, info), of syslog (RFC 5424, 6.2.1: emergency to debug), of incident management (P1,
// SEV1, priority 1) and of the examples of OpenSLO, Sloth and Pyrra. docs/slo.md has the table.
var severityWords = map[Severity][]string{
	Page: {"page", "pager", "paging", "critical", "crit", "fatal", "emergency", "emerg", "alert", "disaster", "high", "highest", "urgent",
		"p0", "p1", "s0", "s1", "sev0", "sev1", "severity0", "severity1", "prio0", "prio1", "priority0", "priority1", "0", "1"},
	Ticket: {"ticket", "error", "err", "major", "average", "medium", "moderate", "warning", "warn", "minor", "low", "lowest", "notice", "info",
		"informational", "information", "none", "debug", "p2", "p3", "p4", "p5", "s2", "s3", "s4", "s5", "sev2", "sev3", "sev4", "sev5",
		"severity2", "severity3", "severity4", "severity5", "prio2", "prio3", "prio4", "prio5", "priority2", "priority3",
		"priority4", "priority5",
		"2", "3", "4", "5"},
}

// SeverityOf is the severity that a word of people means, whatever its case and the marks in it: "P1", "SEV-1" and "Critical" wake
// somebody. It reports false for a word that it does not know.
func SeverityOf(word string) (Severity, bool) {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_./:", r) {
			return -1
		}
		return r
	}, strings.ToLower(word))
	for _, severity := range []Severity{Page, Ticket} {
		for _, w := range severityWords[severity] {
			if w == plain {
				return severity, true
			}
		}
	}
	return "", false
}

// SeverityWords are the words that SeverityOf knows for a severity.
func SeverityWords(s Severity) []string { return append([]string{}, severityWords[s]...) }
