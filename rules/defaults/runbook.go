package defaults

import (
	_ "embed"
	"fmt"
	"net/url"
	"strings"
)

// DeadRunbook is a link that leads nowhere.
const DeadRunbook = "audit/dead-runbook"

//go:embed data/runbooks.txt
var runbookPages string

const runbookSite = "runbooks.prometheus-operator.dev"

// runbookPage says what is wrong with the link to a runbook, "" when nothing is known to be. Links with templating, and of
// other sites than the one whose pages are known, are only judged by their form.
func runbookPage(link string) string {
	if strings.Contains(link, "{{") {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Sprintf("the runbook %q is no URL, so nobody can open it from a notification", link)
	}
	page, ok := strings.CutPrefix(strings.ToLower(strings.Trim(u.Path, "/")), "runbooks/")
	if u.Host == runbookSite && ok && !strings.Contains(runbookPages, "\n"+page+"\n") {
		return "the site of its runbook has never had a page " + page
	}
	return ""
}
