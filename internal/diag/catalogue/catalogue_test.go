package catalogue_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/diag/catalogue"
)

// Every row says all that a page needs, once.
func TestRowsAreWhole(t *testing.T) {
	sections, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	shape := regexp.MustCompile(`^[a-z]+/[a-z][a-z0-9-]*$`)
	seen := map[string]bool{}
	for _, s := range sections {
		for _, e := range s.Findings {
			if !shape.MatchString(e.ID) || seen[e.ID] {
				t.Errorf("%q is not an ID, or is there twice", e.ID)
			}
			seen[e.ID] = true
			for name := range strings.SplitSeq(e.Severity, ", ") {
				if _, err := diag.ParseSeverity(name); err != nil {
					t.Errorf("%s: %v", e.ID, err)
				}
			}
			if (e.Run == "") == (e.Elsewhere == "") {
				t.Errorf("%s has to have an example, or say where it comes from", e.ID)
			}
			if strings.HasSuffix(e.Means, ".") || !strings.HasSuffix(e.Why, ".") || !strings.HasSuffix(e.Fix, ".") {
				t.Errorf("%s: the meaning has no full stop; why and how are sentences", e.ID)
			}
		}
	}
}

func TestFindFillsInHowToAccept(t *testing.T) {
	e, err := catalogue.Find("api/removed")
	if err != nil || !strings.Contains(e.Accept, "treadmill:ignore api/removed until") {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := catalogue.Find("api/gone"); !errors.Is(err, catalogue.ErrUnknown) {
		t.Errorf("%v", err)
	}
	ids, err := catalogue.IDs()
	if err != nil || !slices.Contains(ids, "api/removed") {
		t.Errorf("%v, %v", ids, err)
	}
}

func TestPageAndText(t *testing.T) {
	e := catalogue.Entry{
		ID: "shop/closed", Severity: "error", Means: "the shop is closed", Why: "Nobody can buy.", Fix: "Open it.", Accept: "Wait.",
		Before: []string{
			"shop close",
		}, Run: "shop check shop.yaml", Files: map[string]string{"shop.yaml": "open: false"}, With: []string{"shop/dark"},
	}
	page := "# `shop/closed`\n\nThe shop is closed.\n\nSeverity: error.\n\n## Why it matters\n\nNobody can buy.\n\n## How to fix it\n\nOpen it.\n\n" +
		"## How to accept it\n\nWait.\n\n## An input that shows it\n\n`shop.yaml`:\n\n```yaml\nopen: false\n```\n\n" +
		"```sh\ntreadmill shop close\ntreadmill shop check shop.yaml\n```\n\nIt comes with `shop/dark`.\n"
	if got := e.Page(); got != page {
		t.Errorf("%s\nwant\n%s", got, page)
	}
	text := "shop/closed (error)\n  The shop is closed.\n\nWhy it matters\n  Nobody can buy.\n\nHow to fix it\n  Open it.\n\nHow to accept it\n  Wait.\n\n" +
		"An input that shows it\n  shop.yaml:\n    open: false\n  $ treadmill shop close\n  $ treadmill shop check shop.yaml\n"
	if got := e.Text(); got != text {
		t.Errorf("%s\nwant\n%s", got, text)
	}
	e.Run, e.Elsewhere = "", "a shop"
	if !strings.Contains(e.Page(), "It takes a shop.") || !strings.Contains(e.Text(), "It takes a shop.") {
		t.Error("where it comes from is not said")
	}
}
