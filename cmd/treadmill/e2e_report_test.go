//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// ruler is put into a copy of a report: it measures the page as the browser lays it out and leaves the result in it.
const ruler = `<script>
const q = (s) => [...document.querySelectorAll(s)];
const ink = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map((x) => x / 255).map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a, b) => { const [x, y] = [ink(a), ink(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };
const paper = getComputedStyle(document.body).backgroundColor;
const clipped = q(".scroll:has(table)").filter((e) => e.scrollWidth > e.clientWidth + 1).length, height = document.documentElement.scrollHeight;
const urgent = (q("tr.bad")[0] || { getBoundingClientRect: () => ({ top: 0 }) }).getBoundingClientRect().top;
const long = q("main table").sort((a, b) => b.rows.length - a.rows.length)[0];
const first = () => [...long.tBodies[0].rows].map((r) => r.cells[0].textContent);
const was = first(), button = long.querySelector("th button");
button.click(); button.click();
const sorted = long.querySelector("th").getAttribute("aria-sort") === "descending" && (new Set(was).size === 1 || first()[0] !== first().at(-1));
button.click();
const find = (text) => { const i = document.querySelector("input[type=search]"); i.value = text; i.dispatchEvent(new Event("input")); return q("main table").filter((t) => t.tBodies[0].rows.length > 7).flatMap((t) => [...t.tBodies[0].rows]).filter((r) => !r.hidden).length; };
const found = !document.querySelector("input[type=search]") || find("no such thing") === 0 && find(was[0]) > 0 && find("") > 0;
const chart = q("figure svg.plot").find((e) => e.closest(".scroll").clientWidth > 0), wide = chart.getBoundingClientRect().width;
const press = (i) => { q(".zoom button")[i].click(); return chart.getBoundingClientRect().width; };
const closer = press(1), nearer = press(1), back = press(2), labelled = q("figure svg.plot .name").every((e) => Number(e.getAttribute("x")) >= 0);
chart.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: chart.getBoundingClientRect().left + 50 }));
const pointed = /^\d{4}-\d\d-\d\d/.test(document.querySelector(".zoom [role=status]").textContent) && Boolean(chart.querySelector(".cursor"));
const zoomed = closer > wide * 1.3 && nearer > closer * 1.3 && Math.abs(back - wide) < 2 && labelled && pointed;
const out = {
  clipped, height, urgent, zoomed, works: sorted && found && JSON.stringify(first()) === JSON.stringify(was),
  width: document.documentElement.scrollWidth, window: innerWidth, elements: q("*").length,
  landmarks: ["header", "nav", "main"].filter((s) => document.querySelector(s)).length,
  unnamed: q(".scroll, svg[role=img], nav").filter((e) => !(e.getAttribute("aria-label") || e.querySelector("title"))).length,
  unreachable: q(".scroll").filter((e) => e.scrollWidth > e.clientWidth && e.tabIndex < 0).length,
  headless: q("table").filter((t) => !t.querySelector("th[scope]")).length,
  broken: q("nav a").filter((a) => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).length,
  faint: q("p, h1, h2, th, td, figcaption, summary, a").filter((e) => contrast(getComputedStyle(e).color, paper) < 4.5).length,
  charts: q("figure svg.plot").length, words: q("figure details li").length,
};
document.body.innerHTML = "";
document.body.append("measured" + JSON.stringify(out) + "end");
</script></body>`

type measured struct {
	Works, Zoomed                                                                                    bool
	Clipped, Height, Urgent                                                                          float64
	Width, Window, Elements, Landmarks, Unnamed, Unreachable, Headless, Broken, Faint, Charts, Words int
}

// browse opens a page, a file or an address, in headless Chromium and returns what the flags make it print.
func browse(t *testing.T, page string, flags ...string) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium")
	}
	if !strings.HasPrefix(page, "http://") {
		page = "file://" + page
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append(
		[]string{
			"--headless",
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--user-data-dir=" + t.TempDir(),
		},
		flags...)
	out, err := exec.CommandContext(ctx, chromium, append(args, page)...).Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return string(out)
}

// TestE2EReportInABrowser lays the report of a plan out in Chromium: it fits a desktop and the narrowest window that Chromium has without a head, in light and dark, all that scrolls can be
// reached with the keyboard, pictures have names and words, text has contrast, and a large fleet makes no larger a page than a browser can bear.
func TestE2EReportInABrowser(t *testing.T) {
	for _, fleet := range fleets(t) {
		page := filepath.Join(t.TempDir(), "plan.html")
		planOf(t, fleet, "--report", page)
		html, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		checkLayouts(t, filepath.Base(fleet), string(html))
		printed := filepath.Join(t.TempDir(), "plan.pdf")
		browse(t, page, "--print-to-pdf="+printed)
		if info, err := os.Stat(printed); err != nil || info.Size() < 10_000 {
			t.Errorf("%s is not printed: %v", fleet, err)
		}
	}
}

// TestE2EReviewInABrowser does the same with a review of SLOs, whose charts are as wide as the page.
func TestE2EReviewInABrowser(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte("version: 1\nbands: [{below: 25%, do: slow down}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	html, err := exec.CommandContext(t.Context(), "treadmill", "slo", "report", "--policy", policy, "--openmetrics", "../../testdata/example/history.yaml", "--now", "2026-11-23", "-o", "html", "../../testdata/example/slos").
		Output()
	if err != nil {
		t.Fatal(err)
	}
	checkLayouts(t, "review", string(html))
}

// checkLayouts lays a page out wide and narrow, light and dark.
func checkLayouts(t *testing.T, name, html string) {
	t.Helper()
	for _, width := range []int{1400, 500} {
		for _, theme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%s at %d, %s", name, width, theme), func(t *testing.T) {
				text := strings.Replace(html, "</body>", ruler, 1)
				if theme == "dark" {
					text = strings.Replace(text, "@media (prefers-color-scheme: dark)", "@media all", 1)
				}
				checkLayout(t, text, width)
			})
		}
	}
}

func checkLayout(t *testing.T, html string, width int) {
	t.Helper()
	page := filepath.Join(t.TempDir(), "measured.html")
	if err := os.WriteFile(page, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	out := regexp.MustCompile(`measured(\{.*\})end`).
		FindStringSubmatch(browse(t, page, fmt.Sprintf("--window-size=%d,1200", width), "--dump-dom"))
	if out == nil {
		t.Fatal("the page was not measured")
	}
	var m measured
	if err := json.Unmarshal([]byte(out[1]), &m); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", m)
	if !m.Works {
		t.Error("sorting or finding does not work")
	}
	if !m.Zoomed {
		t.Error("charts do not zoom, or do not say what time the pointer is at")
	}
	if width > 1000 && (m.Clipped > 0 || m.Height > 6000) || m.Urgent > 2000 {
		t.Errorf("%.0f tables are clipped, the page is %.0f high, the first urgent row at %.0f", m.Clipped, m.Height, m.Urgent)
	}
	if m.Width > m.Window {
		t.Errorf("the page is %d wide in a window of %d", m.Width, m.Window)
	}
	if m.Landmarks != 3 || m.Unnamed+m.Unreachable+m.Headless+m.Broken+m.Faint > 0 {
		t.Errorf("not for everyone: %+v", m)
	}
	const most = 60_000 // a page of that many elements still scrolls and searches at once
	if m.Charts == 0 || m.Words == 0 || m.Elements > most {
		t.Errorf("drawn: %+v", m)
	}
}
