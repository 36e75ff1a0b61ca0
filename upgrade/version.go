// Package upgrade holds the words that every part of upgrade planning shares: minor versions and the skew between them.
//
// It reads nothing and knows neither providers nor clusters.
package upgrade

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Minor is a Kubernetes minor version, such as 1.37. The zero value is no version.
type Minor struct {
	Major, Minor int
}

// V1 is the minor version 1.m.
func V1(m int) Minor { return Minor{1, m} }

// ParseMinor reads the minor version of "1.37", "v1.37", "1.37.2", "v1.36.3-eks-3abbec1" or "1.36.4-gke.1247000".
func ParseMinor(s string) (Minor, error) {
	v, err := semver.NewVersion(s)
	if err != nil {
		return Minor{}, fmt.Errorf("%q is not a Kubernetes version: want one such as \"1.37\" or \"1.37.2\"", s)
	}
	if v.Major() != 1 || v.Minor() > 999 {
		return Minor{}, fmt.Errorf("%q is not a Kubernetes version: want 1.x", s)
	}
	return Minor{int(v.Major()), int(v.Minor())}, nil
}

// String writes "1.37", and "" for the zero value.
func (m Minor) String() string {
	if m.IsZero() {
		return ""
	}
	return strconv.Itoa(m.Major) + "." + strconv.Itoa(m.Minor)
}

// IsZero reports whether m is no version.
func (m Minor) IsZero() bool { return m == Minor{} }

// Compare orders versions.
func (m Minor) Compare(o Minor) int {
	return cmp.Or(cmp.Compare(m.Major, o.Major), cmp.Compare(m.Minor, o.Minor))
}

// Less reports whether m is older than o.
func (m Minor) Less(o Minor) bool { return m.Compare(o) < 0 }

// Add is the version n minors later, or earlier for a negative n.
func (m Minor) Add(n int) Minor { return Minor{m.Major, m.Minor + n} }

// Sub is how many minors m is ahead of o.
func (m Minor) Sub(o Minor) int { return m.Minor - o.Minor }

// MarshalText writes the version as "1.37".
func (m Minor) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the version by ParseMinor; empty text is no version. A number of a provider's own, such as 4.18 of OpenShift, is
// kept as it is written, for those who know the provider.
func (m *Minor) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Minor{}
		return nil
	}
	v, err := ParseMinor(string(text))
	if own, notOwn := semver.NewVersion(string(text)); err != nil && notOwn == nil && own.Major() > 1 && own.Major() < 100 &&
		own.Minor() <= 999 {
		v, err = Minor{int(own.Major()), int(own.Minor())}, nil
	}
	*m = v
	if err != nil && strings.HasPrefix(string(text), "eks.") {
		return fmt.Errorf("%q is a platform version of EKS: want that of Kubernetes, such as \"1.37\"", text)
	}
	return err
}

// As is the version with the provider's own name of it where that is another: "4.18 (1.31)" of OpenShift.
func (m Minor) As(release string) string {
	if release == "" || release == m.String() {
		return m.String()
	}
	return release + " (" + m.String() + ")"
}
