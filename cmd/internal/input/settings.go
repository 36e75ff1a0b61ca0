package input

import (
	"path/filepath"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/settings"
)

// Settings reads the settings of a tree: those of a file that is named, or else that stand in or above the first path. exclude is
// patterns of paths that are left out besides.
func Settings(a *app.App, name string, paths, exclude []string) (settings.Settings, []diag.Finding, error) {
	base, err := filepath.Abs(".")
	if err != nil {
		return settings.Settings{}, nil, err
	}
	if name == "" && len(paths) > 0 {
		name = settingsAbove(a, paths[0])
	}
	if name == "" {
		s := settings.Settings{Dir: ".", Base: base, Exclude: exclude}
		if err := s.Check(); err != nil {
			return s, nil, app.Usage("--exclude: %w", err)
		}
		return s, nil, nil
	}
	in, err := a.Read(name)
	if err != nil {
		return settings.Settings{}, nil, err
	}
	s, problems := settings.Read(in.Name, in.Data)
	s.Base = base
	s.Exclude = append(s.Exclude, exclude...)
	if err := s.Check(); err != nil && len(problems) == 0 {
		return s, problems, app.Usage("--exclude: %w", err)
	}
	return s, problems, nil
}

// maxClimb bounds how many folders above a path are looked at.
const maxClimb = 32

// settingsAbove finds the settings in the folder of a path or above it, up to the root of its repository; "" for none.
func settingsAbove(a *app.App, path string) string {
	dir := filepath.Clean(path)
	if path == app.StdinArg {
		dir = "."
	}
	for range maxClimb {
		if name := filepath.Join(dir, settings.Name); exists(a, name) {
			return name
		}
		next := filepath.Dir(dir)
		if dir == "." || filepath.Base(dir) == ".." {
			next = filepath.Join(dir, "..")
		}
		if next == dir || exists(a, filepath.Join(dir, ".git")) {
			break
		}
		dir = next
	}
	return ""
}

func exists(a *app.App, name string) bool {
	f, err := a.Env.Open(name)
	if err != nil {
		return false
	}
	_ = f.Close() // it was only to see that it is there
	return true
}
