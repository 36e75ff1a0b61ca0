package input

import (
	"path/filepath"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/settings"
	"treadmill/upgrade/apis/scan"
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

// Comments gathers the comments that accept findings from the files that findings are about, each of which is read once. speakers are the
// names of the files that speak for their folder, where a finding is about a folder. What is neither, such as a cluster, has no comments.
func Comments[T any](a *app.App, all []T, of func(T) diag.Finding, speakers ...string) (comments []scan.Ignore, wrong []diag.Finding) {
	read := map[string]bool{app.StdinName: true, "": true}
	for _, x := range all {
		f := of(x)
		if read[f.File] || f.ID == diag.Unread {
			continue
		}
		read[f.File] = true
		in, folder, ok := speaking(a, f.File, speakers)
		if !ok {
			continue
		}
		found, problems := scan.Ignores(in.Name, string(in.Data))
		for i := range found {
			found[i].Folder = folder
		}
		comments, wrong = append(comments, found...), append(wrong, problems...)
	}
	return comments, wrong
}

// speaking reads a file, or the one that speaks for a folder.
func speaking(a *app.App, name string, speakers []string) (in app.Input, folder string, ok bool) {
	if in, err := a.Read(name); err == nil {
		return in, "", true
	}
	for _, file := range speakers {
		if in, err := a.Read(filepath.Join(name, file)); err == nil {
			return in, name, true
		}
	}
	return app.Input{}, "", false
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
