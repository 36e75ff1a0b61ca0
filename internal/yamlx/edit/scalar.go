package edit

import (
	"encoding/json"
	"regexp"
	"strings"
)

// plainText are the texts that mean themselves without quotes in any YAML, in brackets too.
var plainText = regexp.MustCompile(`^([A-Za-z_./][A-Za-z0-9_./%-]*|[0-9]+\.[0-9]+\.[0-9][A-Za-z0-9.-]*)$`)

// isPlain reports whether a text may stand without quotes. YAML 1.1 reads yes, off and the like as something else.
func isPlain(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", ".inf", ".nan", ".", "..":
		return false
	}
	return plainText.MatchString(s) && !strings.HasPrefix(s, ".")
}

// quote writes a text in double quotes, as YAML and JSON both read it.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
