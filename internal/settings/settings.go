// Package settings reads .treadmill.yaml: what of a tree is not looked at, how severe findings are there, and which are accepted
// for a reason.
//
// The way through it: the text of the file → Read → Settings, which are asked for each path and each finding. It opens nothing.
package settings

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// Name is the name of the file.
const Name = ".treadmill.yaml"

// Wrong is the ID of a finding about an entry that accepts findings and says nothing that can be followed, or gives no reason.
const Wrong = "ignore/wrong"

// Settings is what a file says. The zero value says nothing.
type Settings struct {
	Dir        string           // the folder that its paths count from
	Base       string           // the absolute name of the folder that relative paths count from; "" where all are relative to one folder
	Target     yamlx.At[string] // the Kubernetes version to go to; it may be none
	Exclude    []string
	Severities []Severity
	Ignores    []Ignore
}

// Severity gives findings another severity.
type Severity struct {
	ID, Path string
	To       diag.Severity
}

// Ignore accepts findings.
type Ignore struct {
	diag.Position
	ID, Path string    // patterns; "" for all paths
	Until    time.Time // the first day on which it holds no longer; zero for none
	Reason   string
}

// file is the file as it is written.
type file struct {
	Version  yamlx.At[string]   `yaml:"version"`
	Target   yamlx.At[string]   `yaml:"target"`
	Exclude  []yamlx.At[string] `yaml:"exclude"`
	Severity []struct {
		ID       yamlx.At[string] `yaml:"id,required"`
		Path     yamlx.At[string] `yaml:"path"`
		Severity yamlx.At[string] `yaml:"severity,required"`
	} `yaml:"severity"`
	Ignore []struct {
		Pos    diag.Position
		ID     yamlx.At[string] `yaml:"id,required"`
		Path   yamlx.At[string] `yaml:"path"`
		Until  yamlx.At[string] `yaml:"until"`
		Reason yamlx.At[string] `yaml:"reason"`
	} `yaml:"ignore"`
}

// Read reads the text of a file. What is wrong in it is found all at once, and the rest of it holds.
func Read(name string, text []byte) (Settings, []diag.Finding) {
	s := Settings{Dir: filepath.Dir(name)}
	docs, findings := yamlx.Documents(name, text)
	for _, doc := range docs {
		var f file
		findings = append(findings, yamlx.Decode(doc, &f)...)
		r := reader{Settings: &s, findings: &findings}
		r.take(f)
	}
	return s, diag.Sort(findings)
}

type reader struct {
	*Settings
	findings *[]diag.Finding
}

func (r reader) fail(id string, at diag.Position, format string, args ...any) {
	*r.findings = append(*r.findings, diag.Errorf(id, at, format, args...))
}

// pattern checks a pattern of paths.
func (r reader) pattern(p yamlx.At[string]) bool {
	err := glob.CheckPath(p.V)
	if err != nil {
		r.fail("input/value", p.Pos, "the pattern %q: %v", p.V, err)
	}
	return err == nil
}

func (r reader) take(f file) {
	if f.Version.Set() && f.Version.V != "1" {
		r.fail("input/value", f.Version.Pos, "version %q: want 1", f.Version.V)
	}
	r.Target = f.Target
	for _, e := range f.Exclude {
		if r.pattern(e) {
			r.Exclude = append(r.Exclude, e.V)
		}
	}
	for _, s := range f.Severity {
		to, ok := map[string]diag.Severity{"error": diag.Error, "warning": diag.Warning, "info": diag.Info}[s.Severity.V]
		if s.Severity.Set() && !ok {
			r.fail("input/value", s.Severity.Pos, "severity %q: want error, warning or info", s.Severity.V)
		}
		if ok && r.pattern(s.Path) && r.id(s.ID) {
			r.Severities = append(r.Severities, Severity{ID: s.ID.V, Path: s.Path.V, To: to})
		}
	}
	for _, i := range f.Ignore {
		out := Ignore{Position: i.Pos, ID: i.ID.V, Path: i.Path.V, Reason: strings.TrimSpace(i.Reason.V)}
		var err error
		if i.Until.Set() {
			if out.Until, err = time.Parse(time.DateOnly, i.Until.V); err != nil {
				r.fail(Wrong, i.Until.Pos, "until %q is no day such as 2027-01-01", i.Until.V)
			}
		}
		if out.Reason == "" {
			r.fail(Wrong, i.Pos, "an entry that accepts %s gives no reason; write one: reason: ...", out.ID)
			continue
		}
		if err == nil && r.pattern(i.Path) && r.id(i.ID) {
			r.Ignores = append(r.Ignores, out)
		}
	}
}

func (r reader) id(p yamlx.At[string]) bool {
	err := glob.CheckName(p.V)
	if err != nil && p.Set() {
		r.fail("input/value", p.Pos, "the pattern %q: %v", p.V, err)
	}
	return err == nil && p.V != ""
}

// Excludes reports whether a path is not looked at.
func (s Settings) Excludes(path string) bool {
	if len(s.Exclude) == 0 {
		return false
	}
	below, ok := s.below(path)
	return ok && slices.ContainsFunc(s.Exclude, func(p string) bool { return glob.Covers(p, below) })
}

// below is a path from the folder of the settings on.
func (s Settings) below(path string) (string, bool) {
	return glob.Below(s.absolute(s.Dir), s.absolute(path))
}

func (s Settings) absolute(path string) string {
	if s.Base == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.Base, path)
}

// matches reports whether patterns of an ID and a path take a finding.
func (s Settings) matches(id, path string, f diag.Finding) bool {
	if !glob.Name(id, f.ID) {
		return false
	}
	if path == "" {
		return true
	}
	below, ok := s.below(f.File)
	return ok && glob.Covers(path, below)
}

// Graded is a finding with the severity that the settings give it: that of the last entry that takes it.
func (s Settings) Graded(f diag.Finding) diag.Severity {
	for _, e := range slices.Backward(s.Severities) {
		if s.matches(e.ID, e.Path, f) {
			return e.To
		}
	}
	return f.Severity
}

// Accepts reports whether an entry takes a finding; whether it still holds is for the caller to say.
func (s Settings) Accepts(i Ignore, f diag.Finding) bool { return s.matches(i.ID, i.Path, f) }

// Check says what is wrong with the patterns of what is left out.
func (s Settings) Check() error {
	for _, p := range s.Exclude {
		if err := glob.CheckPath(p); err != nil {
			return fmt.Errorf("the pattern %q: %w", p, err)
		}
	}
	return nil
}
