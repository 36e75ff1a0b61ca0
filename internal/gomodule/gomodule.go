// Package gomodule downloads releases of Go modules for the generators, and checks what it gets against known checksums.
package gomodule

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// Module is one downloaded release.
type Module struct {
	Path, Version string
	Dir           string // where it is unpacked
	Minor         int    // of the Kubernetes release that it belongs to: 37 of k8s.io/api v0.37.2
}

// String writes path@version.
func (m Module) String() string { return m.Path + "@" + m.Version }

// Download fetches the modules of a list of "path version sum" lines, in its order.
func Download(list string) ([]Module, error) {
	var modules []Module
	var sums []string
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		m := Module{Path: f[0], Version: f[1]}
		var major, patch int
		if _, err := fmt.Sscanf(m.Version, "v%d.%d.%d", &major, &m.Minor, &patch); err != nil {
			return nil, fmt.Errorf("version of %s: %w", m, err)
		}
		modules, sums = append(modules, m), append(sums, f[2])
	}
	var wait sync.WaitGroup
	slots := make(chan bool, 4)
	errs := make([]error, len(modules))
	for i := range modules {
		wait.Go(func() {
			slots <- true
			defer func() { <-slots }()
			modules[i].Dir, errs[i] = fetch(modules[i], sums[i])
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return modules, nil
}

func fetch(m Module, sum string) (dir string, err error) {
	c := exec.CommandContext(context.Background(), "go", "mod", "download", "-json", m.String())
	c.Dir = os.TempDir() // outside of any module: nothing is written to a go.sum
	out, err := c.Output()
	var got struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil {
		return "", fmt.Errorf("download %s: %w", m, err)
	}
	switch {
	case got.Error != "":
		return "", fmt.Errorf("download %s: %s", m, got.Error)
	case got.Sum != sum:
		return "", fmt.Errorf("download %s: its sum is %s, modules.txt says %s", m, got.Sum, sum)
	}
	return got.Dir, nil
}
