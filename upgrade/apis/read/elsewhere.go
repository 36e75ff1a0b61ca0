package read

import (
	"regexp"
	"strings"

	"treadmill/internal/diag"
)

var (
	sourceScheme = regexp.MustCompile(`^(git::)?([a-z+]+://)?([A-Za-z0-9_-]+@)?`)
	sourceUser   = regexp.MustCompile(`^([A-Za-z0-9.-]+):([^/0-9])`)
)

// From marks a finding as one that comes of a source which is not in the tree: a repository, and a folder or file in it, as whoever names
// them writes them. All that one source is missing for is one cause, whatever refers to it.
func From(f diag.Finding, repository, path string) diag.Finding {
	name, _, _ := strings.Cut(repository, "?")
	name = sourceScheme.ReplaceAllString(name, "")
	name = sourceUser.ReplaceAllString(name, "$1/$2")
	name, inner, _ := strings.Cut(name, "//")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "/"), ".git")
	if name == "" {
		return f
	}
	f.Cause = "source " + strings.ToLower(name)
	if path = strings.Trim(inner+"/"+path, "/"); path != "" {
		f.Cause += "//" + path
	}
	return f
}
