package glob

import "path/filepath"

// Below is the name of a path from a folder on, with slashes; "." for the folder itself. ok is false for what lies outside of it, and where
// one of the two is relative and the other is not. Links are not looked at.
func Below(folder, path string) (name string, ok bool) {
	if filepath.IsAbs(folder) != filepath.IsAbs(path) {
		return "", false
	}
	name, err := filepath.Rel(folder, path)
	if err != nil || !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.ToSlash(name), true
}
