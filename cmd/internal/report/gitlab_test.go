package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

type quality struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

func codeQuality(t *testing.T, text []byte) []quality {
	t.Helper()
	var list []quality
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil || list == nil {
		t.Fatalf("%v\n%s", err, text)
	}
	seen := map[string]bool{}
	for _, q := range list {
		if q.Fingerprint == "" || seen[q.Fingerprint] || q.Location.Path == "" || q.Location.Lines.Begin < 1 || q.CheckName == "" {
			t.Errorf("%+v", q)
		}
		seen[q.Fingerprint] = true
	}
	return list
}

func gitlab(t *testing.T, findings ...diag.Finding) []quality {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, report.GitLab, report.View{Findings: findings}, report.Style{}); err != nil {
		t.Fatal(err)
	}
	return codeQuality(t, b.Bytes())
}

// What moves is the same finding for GitLab, and two of one kind are two.
func TestFingerprintsStayWhenLinesMove(t *testing.T) {
	f := diag.Finding{ID: "api/removed", Severity: diag.Error, Message: "gone", Position: diag.Position{File: "./deploy/a.yaml", Line: 3}}
	moved := f
	moved.Line = 30
	one, two := gitlab(t, f), gitlab(t, moved, moved)
	if one[0].Fingerprint != two[0].Fingerprint || two[0].Fingerprint == two[1].Fingerprint {
		t.Errorf("%+v, %+v", one, two)
	}
	if one[0].Location.Path != "deploy/a.yaml" || one[0].Severity != "major" || two[0].Location.Lines.Begin != 30 {
		t.Errorf("%+v, %+v", one, two)
	}
	if list := gitlab(t, diag.Finding{ID: "windows/old", Message: "old"}); list[0].Location.Path != "." || list[0].Severity != "info" {
		t.Errorf("%+v", list)
	}
	if list := gitlab(t); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}
