package glob_test

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/glob"
)

func TestName(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"arn:*prod", "arn:aws:eks:eu-west-1:1:cluster/prod", true}, {"arn:*/prod", "arn:aws:eks:eu-west-1:1:cluster/prod", true},
		{"*", "a/b/c", true}, {"*", "", true}, {"?", "/", true}, {"a?c", "a/c", true}, {"?", "é", true}, {"?", "ab", false}, {"", "", true},
		{"[a-c]x", "bx", true}, {"[!a-c]x", "bx", false}, {"[^a-c]x", "/x", true}, {"[]]", "]", true}, {"[a-]", "-", true}, {`[\]a]`, "]", true},
		{"{a,b}-*", "b-1", true}, {"{a,b}-*", "c-1", false}, {"x{,-{eu,us}}", "x", true}, {"x{,-{eu,us}}", "x-us", true}, {"[{]a", "{a", true},
		{"}", "}", true}, {"a,b", "a,b", true}, {`\*`, "*", true}, {`\*`, "a", false}, {"a[1]", "a[1]", true}, {"a[1]", "a1", true}, {"a[", "a[", true},
		{"*a*b*c", "xaybzc", true}, {"*a*b*c", "xaybz", false}, {"*.yaml", "dir/x.yaml", true}, {"Prod", "prod", false},
	} {
		if got := glob.Name(c.pattern, c.name); got != c.want {
			t.Errorf("Name(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

func TestCheckName(t *testing.T) {
	for pattern, want := range map[string]string{
		"a[": "a [ is not closed", "{a,b": "a { is not closed", `a\`: `nothing follows the \ at its end`, "[z-a]": "the range z-a is empty", "[a": "a [ is not closed",
		`[\`: "a [ is not closed", strings.Repeat("{a,b}", 9): "its braces stand for more than 256 texts", "a{b[}": "a [ is not closed", "*?[a-z]{a,b}": "", "": "",
	} {
		got := ""
		if err := glob.CheckName(pattern); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CheckName(%q): %q, want %q", pattern, got, want)
		}
	}
}

// TestNameAgreesWithPath holds patterns of names against those of package path where both mean the same: names without "/".
func TestNameAgreesWithPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("ab*?[]-^é\\")), 0, 9, -1).Draw(t, "pattern")
		name := rapid.StringOfN(rapid.RuneFrom([]rune("ab-^é]")), 0, 8, -1).Draw(t, "name")
		if strings.Contains(pattern, "[]") || strings.Contains(pattern, "[^]") || strings.Contains(pattern, "-]") ||
			strings.Contains(pattern, "[-") ||
			strings.Contains(pattern, "[^-") ||
			strings.Contains(pattern, "--") {
			return // package path takes no ] or - as itself in brackets
		}
		want, err := path.Match(pattern, name)
		if _, err2 := path.Match(pattern, ""); err != nil || err2 != nil || glob.CheckName(pattern) != nil {
			return
		}
		if got := glob.Name(pattern, name) && pattern != name || want && pattern == name; got != want {
			t.Fatalf("Name(%q, %q) = %v", pattern, name, got)
		}
	})
}

// TestSlashIsNoSeparator: a "/" in names and patterns matters as little as any other character.
func TestSlashIsNoSeparator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("a/*?")), 0, 9, -1).Draw(t, "pattern")
		name := rapid.StringOfN(rapid.RuneFrom([]rune("a/")), 0, 8, -1).Draw(t, "name")
		swap := strings.NewReplacer("/", "z")
		if a, b := glob.Name(pattern, name), glob.Name(swap.Replace(pattern), swap.Replace(name)); a != b {
			t.Fatalf("Name(%q, %q) = %v, and with z for /: %v", pattern, name, a, b)
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("{a,[b-c]*}\\", "a/b")
	f.Add("[!{]{}", "{}")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !glob.Name(pattern, pattern) {
			t.Errorf("%q does not match itself", pattern)
		}
		if glob.CheckName(pattern) != nil && pattern != name && glob.Name(pattern, name) {
			t.Errorf("%q is refused and matches %q", pattern, name)
		}
		glob.Path(pattern, name)
		glob.Covers(pattern, name)
	})
}
