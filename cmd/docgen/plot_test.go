package main

import (
	"os"
	"strings"
	"testing"
)

func TestGrowthPlotShowsTheTable(t *testing.T) {
	page := "text\n" + growthHeader + "\n| --- | --- | --- | --- | --- |\n" +
		"| 10 | 5 ms | 0 | 6 ms | 0 |\n| 100 | 0.1 s | 0 | 1 s | 0 |\n| 10,000 | 1 s | 0.4 % | 10 s | 3 % |\n\n| 30,000 | other | table | x | y |\n"
	rows, err := growthRows(page)
	if err != nil {
		t.Fatal(err)
	}
	got := growthPlot(rows)
	for _, want := range []string{
		`points="70.0,320.0 350.0,180.0"`, // a hundred times as many clusters, in ten times as long
		`points="70.0,180.0 350.0,40.0"`,
		"100 clusters: 100ms at 3× the capacity, 1s at 1.5×; 10000 clusters: 1s at 3× the capacity, 10s at 1.5×.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "30000 clusters:") {
		t.Error("rows of another table are drawn")
	}
	for _, broken := range []string{"", growthHeader + "\n", strings.Replace(page, "0.1 s", "soon", 1),
		strings.Replace(page, "| 100 ", "| many ", 1)} {
		if rows, err := growthRows(broken); err == nil {
			t.Errorf("%q: %v", broken, rows)
		}
	}
}

func TestGrowthPlotIsUpToDate(t *testing.T) {
	page, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := growthRows(string(page))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/plan-growth.svg")
	if err != nil || string(got) != growthPlot(rows) {
		t.Errorf("docs/plan-growth.svg is not of the table in docs/performance.md; run 'make generate' (%v)", err)
	}
}
