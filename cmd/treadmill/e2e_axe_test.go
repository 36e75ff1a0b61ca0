//go:build e2e

package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/cli"
)

// accessible is put into a copy of a page behind axe-core: it tells the page around it what is wrong, one line a place.
const accessible = `<script>axe.run(document, { resultTypes: ["violations"] }).then((r) => {
  const lines = r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html.slice(0, 200)));
  if (document.documentElement.scrollWidth > innerWidth) lines.push("too wide: " + document.documentElement.scrollWidth);
  parent.postMessage(["checked " + r.passes.length, ...lines.map((l) => innerWidth + " px: " + l)].join("\n"), "*");
});</script></body>`

// collects waits for what the pages in its frames tell, and leaves it in the page.
const collects = `<!doctype html><body><script>const told = [];
addEventListener("message", (e) => {
  if (typeof e.data !== "string" || !e.data.startsWith("checked ")) return;
  told.push(e.data);
  if (told.length === document.querySelectorAll("iframe").length) document.body.replaceChildren("all\n" + told.join("\n") + "\nend");
});</script>`

// checkerOfPages is the script of axe-core, as internal/tools/axe pins it.
func checkerOfPages(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../../.cache/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: make axe")
	}
	return "<script>" + strings.ReplaceAll(string(script), "</script", `<\/script`) + "</script>"
}

// violations are what axe-core finds on a page, on a desktop and a phone, in light and dark.
func violations(t *testing.T, checker, page string) []string {
	t.Helper()
	at := strings.LastIndex(page, "</body>")
	page = page[:at] + checker + accessible + page[at+len("</body>"):]
	all := collects
	for _, theme := range []string{"print", "all"} { // pages are dark for readers who want it: for none, or for all
		themed := strings.Replace(page, "@media (prefers-color-scheme: dark)", "@media "+theme, 1)
		for _, width := range []int{1400, 390} {
			all += fmt.Sprintf("<iframe width=%d height=1200 srcdoc=\"%s\"></iframe>", width, html.EscapeString(themed))
		}
	}
	file := filepath.Join(t.TempDir(), "checked.html")
	if err := os.WriteFile(file, []byte(all), 0o600); err != nil {
		t.Fatal(err)
	}
	out := browse(t, file, "--window-size=1600,1200", "--virtual-time-budget=120000", "--dump-dom")
	found := regexp.MustCompile(`(?s)<body>all\n(.*)\nend`).FindStringSubmatch(out)
	if found == nil || strings.Contains(found[1], "checked 0") {
		t.Fatal("the page was not checked")
	}
	return slices.DeleteFunc(strings.Split(html.UnescapeString(found[1]), "\n"), func(l string) bool { return strings.HasPrefix(l, "checked ") })
}

// TestE2EPagesAreAccessible: axe-core finds nothing on the page of any command that has one, on a desktop and a phone, in light and dark.
func TestE2EPagesAreAccessible(t *testing.T) {
	checker := checkerOfPages(t)
	const bad = `<!doctype html><html lang="en"><title>x</title><body><main><h1>x</h1><img src="x.png"></main></body></html>`
	if found := violations(t, checker, bad); len(found) != 4 || !strings.Contains(found[0], "image-alt: ") {
		t.Fatalf("an image without a text is %q", found)
	}
	t.Chdir("../..")
	for command, lines := range machineRuns() {
		for _, line := range lines[:min(1, len(lines))] { // one page of each command
			t.Run(strings.TrimSpace(command+" "+line), func(t *testing.T) {
				var out strings.Builder
				e := quiet(append(strings.Fields(command+" "+line), "--now", "2026-11-23", "-o", "html")...)
				e.Stdout = &out
				cli.Main(context.Background(), e)
				for _, bad := range violations(t, checker, out.String()) {
					t.Error(bad)
				}
			})
		}
	}
}

// TestE2EServedPagesAreWhole: under the policy that serve sends, the script of a page runs, and nothing is refused.
func TestE2EServedPagesAreWhole(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no chromium")
	}
	url := "http://127.0.0.1:" + freePorts(t, 1)[0]
	p := start(t, "treadmill", "serve", "../../testdata/example", "--fleet", "../../testdata/example/fleet.yaml", "--now", "2026-11-23",
		"--listen", strings.TrimPrefix(url, "http://"))
	await(t, p, time.Minute, func() bool {
		r, err := http.Get(url + "/readyz")
		return err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	dom := browse(t, url+"/plan", "--dump-dom")
	if !strings.Contains(dom, `type="search"`) || !strings.Contains(dom, `aria-current="page"`) {
		t.Error("the script of the page did not run")
	}
}
