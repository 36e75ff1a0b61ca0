// Package treadmill plans Kubernetes upgrades, finds deprecated APIs in use, and writes and judges alert rules: the jobs of the program
// of that name, as functions over a file system and values.
//
// Each job takes an [io/fs.FS] and names in it, and gives what it found and what is wrong with the input: findings with file, line and
// column, which the caller shows or counts. An error means that the work was not done, such as a context that ended. What was not read
// is never clean: it is a finding with the ID "input/unread". Nothing is printed, written or fetched, and the time is an argument.
//
//	Windows   when versions of Kubernetes come and go, by provider
//	Plan      a fleet file → the schedule of its upgrades
//	Scan      manifests, charts, kustomizations → uses of deprecated and removed APIs
//	Fix       the same → their texts, rewritten where that is safe
//	SLOs      OpenSLO, Sloth, Pyrra → objectives
//	Generate  SLOs → burn-rate alert rules
//	Backtest  SLOs and history → what their alerts would have done
//	Audit     alert rules → what to do about each
//	Lint      alert rules and dashboards → what a version of Kubernetes breaks in them
//
// The packages below have the parts: upgrade/plan, upgrade/apis, rules/compile and the others.
package treadmill

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade"
)

// Finding is one problem in an input, or one thing about it to know.
type Finding = diag.Finding

// Severity orders findings: Info, Warning, Error.
type Severity = diag.Severity

// The severities, in rising order.
const (
	Info    = diag.Info
	Warning = diag.Warning
	Error   = diag.Error
)

// Version is a minor version of Kubernetes, such as 1.38.
type Version = upgrade.Minor

// ParseVersion reads a version such as "1.38".
func ParseVersion(text string) (Version, error) { return upgrade.ParseMinor(text) }

// file is a file that was read.
type file struct {
	name string
	data []byte
}

// collect reads files, and those below folders whose names end in one of the extensions, in the order of their names; a folder whose
// name begins with a dot is passed over. What cannot be read is a finding.
func collect(fsys fs.FS, paths []string, extensions ...string) ([]file, []Finding) {
	var out []file
	var findings []Finding
	unread := func(name string, err error) {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		findings = append(findings, diag.Errorf(diag.Unread, diag.Position{File: name}, "cannot be read: %v", err))
	}
	for _, p := range paths {
		err := fs.WalkDir(fsys, p, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				unread(name, err)
				return nil
			case d.IsDir() && name != p && path.Base(name)[0] == '.':
				return fs.SkipDir
			case d.IsDir(), name != p && !slices.Contains(extensions, path.Ext(name)):
				return nil
			}
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				unread(name, err)
				return nil
			}
			out = append(out, file{name, data})
			return nil
		})
		if err != nil {
			unread(p, err)
		}
	}
	return out, findings
}
