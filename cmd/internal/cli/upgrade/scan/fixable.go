package scan

import (
	"fmt"
	"runtime"
	"sync"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
)

// markFixable makes Fixable say what "upgrade fix" does: a rule may refuse an object that it could rewrite otherwise.
// It reads the files again, which only the machine shape is worth.
func markFixable(a *app.App, found []scan.Finding, table *lifecycle.Table, target upgrade.Minor) {
	byFile := map[string][]*scan.Finding{}
	for i := range found {
		if f := &found[i]; f.Fixable {
			byFile[f.File] = append(byFile[f.File], f)
		}
	}
	names := make(chan string)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for name := range names {
				markFile(a, name, byFile[name], table, target)
			}
		})
	}
	for name := range byFile {
		names <- name
	}
	close(names)
	wait.Wait()
}

// markFile does so for the findings of one file. Standard input is read already, and cannot be changed either.
func markFile(a *app.App, name string, found []*scan.Finding, table *lifecycle.Table, target upgrade.Minor) {
	changed := map[string]int{}
	if name != app.StdinName {
		if in, err := a.Read(name); err == nil {
			for _, c := range fix.File(name, in.Data, nil, table, target).Changes {
				changed[fmt.Sprint(c.Line, c.APIVersion, c.Kind, c.Namespace, c.Name)]++
			}
		}
	}
	for _, f := range found {
		key := fmt.Sprint(f.Line, f.APIVersion, f.Kind, f.Namespace, f.Name)
		f.Fixable = changed[key] > 0
		changed[key]--
	}
}
