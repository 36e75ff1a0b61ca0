package gomodule

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// command runs the go command outside of any module.
func command(args ...string) ([]byte, error) {
	c := exec.CommandContext(context.Background(), "go", args...)
	c.Dir = os.TempDir()
	return c.Output()
}

// Day is the day of a release of a module, such as 2026-11-03; false for one that the module proxy does not have.
func Day(path, version string) (string, bool) {
	out, err := command("list", "-m", "-json", path+"@"+version)
	var got struct{ Time string }
	if err != nil || json.Unmarshal(out, &got) != nil || len(got.Time) < len("2006-01-02") {
		return "", false
	}
	return got.Time[:len("2006-01-02")], true
}

// Newest is the newest release of a module that is no pre-release; false where the module proxy lists none.
func Newest(path string) (string, bool) {
	out, err := command("list", "-m", "-versions", "-json", path)
	var got struct{ Versions []string }
	if err != nil || json.Unmarshal(out, &got) != nil {
		return "", false
	}
	newest := ""
	for _, v := range got.Versions { // in order of semantic versions
		if !strings.Contains(v, "-") {
			newest = v
		}
	}
	return newest, newest != ""
}

// Refresh moves the modules of a list to the newest releases that the module proxy has, with their sums, and its "Read on:" to today.
// What the proxy does not list stays as it is.
func Refresh(file, today string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "#"):
			if read := ReadOn(line); read != "" {
				line = strings.Replace(line, read, today, 1)
			}
		case len(f) == 3:
			if newest, ok := Newest(f[0]); ok && newest != f[1] {
				sum, err := sumOf(Module{Path: f[0], Version: newest})
				if err != nil {
					return err
				}
				line = fmt.Sprintf("%s %s %s\n", f[0], newest, sum)
			}
		}
		out.WriteString(line)
	}
	return os.WriteFile(file, []byte(out.String()), 0o644) // a source file
}

// sumOf downloads a module and returns its checksum, which the go command has checked against the checksum database.
func sumOf(m Module) (string, error) {
	out, err := command("mod", "download", "-json", m.String())
	var got struct{ Sum, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil || got.Sum == "" {
		return "", fmt.Errorf("download %s: %s (%w)", m, got.Error, err)
	}
	return got.Sum, nil
}
