package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"treadmill/internal/diag"
)

// codeQuality is one finding as GitLab shows it in merge requests
// (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).
type codeQuality struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// writeGitLab writes the findings as a Code Quality report. GitLab compares two reports by fingerprint, so that of a finding does not
// depend on its line, and stays when lines move; equal findings of one file are told apart by their order. A finding without a place is
// about the whole project, whose path is ".".
func writeGitLab(w io.Writer, v View) error {
	list, seen := []codeQuality{}, map[string]int{}
	for _, f := range v.Findings {
		q := codeQuality{
			Description: oneLine(f.Message), CheckName: f.ID,
			Severity: map[diag.Severity]string{diag.Error: "major", diag.Warning: "minor", diag.Info: "info"}[f.Severity],
			Location: location{Path: "."},
		}
		if f.File != "" {
			q.Location.Path = strings.TrimPrefix(filepath.ToSlash(f.File), "./")
		}
		q.Location.Lines.Begin = max(1, f.Line)
		key := strings.Join([]string{q.CheckName, q.Location.Path, q.Description}, "\x00")
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		seen[key]++
		q.Fingerprint = hex.EncodeToString(sum[:16])
		list = append(list, q)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}
