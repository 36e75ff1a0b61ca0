package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
)

// TestPolicyLetsTheScriptRun: the script of a page is the one that the policy names, and there is no other.
func TestPolicyLetsTheScriptRun(t *testing.T) {
	before, after, err := report.WriteSitePage(report.View{Title: "<script>x</script>", Lead: []string{`<div id="state" role="status">`}},
		report.Origin{Site: &report.Site{Pages: []report.SitePage{{Name: "Plan", Address: "/plan"}}}})
	if err != nil {
		t.Fatal(err)
	}
	scripts := regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`).FindAllStringSubmatch(string(before)+string(after), -1)
	if len(scripts) != 1 {
		t.Fatalf("%d scripts", len(scripts))
	}
	sum := sha256.Sum256([]byte(scripts[0][1]))
	if want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(report.Policy(), want) {
		t.Errorf("%s lacks %s", report.Policy(), want)
	}
	if !strings.HasSuffix(string(before), `<div id="state" role="status">`) || !strings.HasPrefix(string(after), "</div>") {
		t.Error("the state stands elsewhere")
	}
	if m := regexp.MustCompile(`(?i)\s(on[a-z]+)=`).FindStringSubmatch(string(before) + string(after)); m != nil {
		t.Errorf("%s is a script that the policy forbids", m[1])
	}
}
