package main

import (
	"os"

	"treadmill/cmd/internal/build"
	"treadmill/rules/defaults"
	"treadmill/rules/lint"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/component"
	"treadmill/upgrade/windows"
)

// writeTables writes the dates and sizes of the embedded tables, so that "treadmill version" need not parse them.
func writeTables(file string) error {
	list, err := embeddedTables()
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(build.Format(list)), 0o644) // a source file
}

// embeddedTables parses every embedded table.
func embeddedTables() ([]build.Table, error) {
	support, err := windows.Embedded()
	if err != nil {
		return nil, err
	}
	var out []build.Table
	for _, p := range support.Providers() {
		row := build.Table{Name: "windows of " + p.Name, Date: p.Read().String(), Rows: p.Rows}
		for _, f := range support.Facts(p.Name) {
			row.Facts++
			if f.SecondHand() {
				row.SecondHand++
			}
		}
		out = append(out, row)
	}
	known, err := addons.Embedded()
	if err != nil {
		return nil, err
	}
	apis, err := lifecycle.Load()
	if err != nil {
		return nil, err
	}
	flags, err := component.KnownFlags()
	if err != nil {
		return nil, err
	}
	gates, err := component.KnownGates()
	if err != nil {
		return nil, err
	}
	metrics, err := lint.Kubernetes()
	if err != nil {
		return nil, err
	}
	date, rows := defaults.Stamp()
	return append(out,
		build.Table{Name: "add-ons", Date: known.Read().String(), Rows: known.Rows(), Facts: known.Rows(), SecondHand: known.SecondHand()},
		build.Table{Name: "API lifecycles", Date: apis.Date, Rows: len(apis.APIs)},
		build.Table{Name: "flags", Date: flags.Date, Rows: flags.Rows()},
		build.Table{Name: "feature gates", Date: gates.Date, Rows: gates.Rows()},
		build.Table{Name: "metrics", Date: metrics.Date, Rows: metrics.Rows()},
		build.Table{Name: "dispositions of alerts", Date: date, Rows: rows}), nil
}
