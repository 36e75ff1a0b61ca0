// Package gomodule downloads releases of Go modules for the generators, and checks what it gets against known checksums.
package gomodule

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Module is one downloaded release.
type Module struct {
	Path, Version string
	Dir           string // where it is unpacked
	Minor         int    // of the Kubernetes release that it belongs to: 37 of k8s.io/api v0.37.2
	Pre           bool   // an alpha, beta or release candidate
}

// String writes path@version.
func (m Module) String() string { return m.Path + "@" + m.Version }

// ReadOn is the day of the "Read on:" note of a list of modules, such as 2026-11-30; "" where it has none.
func ReadOn(list string) string {
	_, rest, _ := strings.Cut(list, "Read on: ")
	return rest[:min(len(rest), len("2006-01-02"))]
}

// Preview is the line of a table that names the pre-release of Kubernetes among modules, its minor and its version; "" where there is none.
func Preview(modules []Module) string {
	for _, m := range modules {
		if m.Pre && m.Path == "k8s.io/kubernetes" {
			return fmt.Sprintf("preview\t1.%d\t%s\n", m.Minor, strings.TrimPrefix(m.Version, "v"))
		}
	}
	return ""
}

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
		m.Pre = strings.Contains(m.Version, "-")
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
	var got struct{ Dir, Zip, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil {
		return "", fmt.Errorf("download %s: %w", m, err)
	}
	if got.Dir == "" { // it asks for a newer Go, which is no matter to code that is read and not built: the go command has unpacked it all the same
		got.Dir = unpacked(m, got.Zip)
	}
	switch {
	case got.Dir == "":
		return "", fmt.Errorf("download %s: %s", m, got.Error)
	case got.Sum != sum:
		return "", fmt.Errorf("download %s: its sum is %s, modules.txt says %s", m, got.Sum, sum)
	}
	return got.Dir, nil
}

// unpacked is where the go command unpacks the file of a module, ROOT/cache/download/PATH/@v/VERSION.zip; "" where it did not.
func unpacked(m Module, zip string) string {
	root, _, ok := strings.Cut(filepath.ToSlash(zip), "/cache/download/")
	dir := filepath.Join(filepath.FromSlash(root), filepath.FromSlash(m.String()))
	if info, err := os.Stat(dir); !ok || err != nil || !info.IsDir() {
		return ""
	}
	return dir
}
