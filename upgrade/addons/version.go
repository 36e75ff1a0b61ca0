package addons

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"treadmill/upgrade"
)

// line is where a release line begins: its first two numbers, and the patch from which on a row holds, mostly 0.
type line struct{ major, minor, patch uint64 }

func (l line) compare(o line) int {
	return cmp.Or(cmp.Compare(l.major, o.major), cmp.Compare(l.minor, o.minor), cmp.Compare(l.patch, o.patch))
}

// holds reports whether a row that begins with l is about a release: one of the same two numbers and the same patch, or a later one.
func (l line) holds(release line) bool {
	return l.major == release.major && l.minor == release.minor && l.patch <= release.patch
}

// lineOf is the release that a version such as 1.16.3, v1.18.0-eksbuild.1, 26.7 or 88 stands for. Without a patch it is the first of its
// line, so that what only later patches support is not taken for granted.
func lineOf(version string) (line, error) {
	v, err := semver.NewVersion(version)
	if err != nil {
		return line{}, fmt.Errorf("%.60q is not a version: want one such as 1.16.3", version)
	}
	return line{v.Major(), v.Minor(), v.Patch()}, nil
}

var rangeForm = regexp.MustCompile(`^(1\.\d{1,3})?(-|\+)?(1\.\d{1,3})?$`)

// UnmarshalText reads 1.33-1.36, 1.25+ (no upper bound), -1.34 (no lower bound is known) or 1.36 alone.
func (r *Range) UnmarshalText(text []byte) error {
	m := rangeForm.FindStringSubmatch(string(text))
	bad := fmt.Errorf("%.60q is not a range of Kubernetes minors: want one such as 1.33-1.36, 1.25+, -1.34 or 1.36", text)
	if m == nil || m[1]+m[3] == "" || m[2] == "" && m[3] != "" {
		return bad
	}
	var v Range
	for i, edge := range []*upgrade.Minor{&v.Min, &v.Max} {
		if text := m[1+2*i]; text != "" {
			minor, err := upgrade.ParseMinor(text)
			if err != nil {
				return bad
			}
			*edge = minor
		}
	}
	switch {
	case m[2] == "":
		v.Max = v.Min
	case m[2] == "+" && (m[1] == "" || m[3] != ""), m[2] == "-" && m[3] == "":
		return bad
	case m[2] == "-" && v.Max.Less(v.Min):
		return fmt.Errorf("%q ends before it begins", text)
	}
	*r = v
	return nil
}

// String writes the range as it is read.
func (r Range) String() string {
	switch {
	case r.Max.IsZero() && r.Min.IsZero():
		return ""
	case r.Max.IsZero():
		return r.Min.String() + "+"
	case r.Max == r.Min:
		return r.Min.String()
	default:
		return r.Min.String() + "-" + r.Max.String()
	}
}

// MarshalText writes the range as String does.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// below and above report whether a minor lies outside of the range.
func (r Range) below(m upgrade.Minor) bool { return !r.Min.IsZero() && m.Less(r.Min) }
func (r Range) above(m upgrade.Minor) bool { return !r.Max.IsZero() && r.Max.Less(m) }

// plain is a version without the v before it.
func plain(version string) string { return strings.TrimPrefix(strings.TrimSpace(version), "v") }
