package lifecycle

import (
	_ "embed"
	"fmt"
	"strings"

	"treadmill/upgrade"
)

//go:embed fields.tsv
var fields string

// Field is an annotation, a label of nodes or a kind of volume that goes. Minors that are not known are zero.
type Field struct {
	Where      string // "annotation", "label" or "volume"
	Name       string // one that ends in "*" stands for all that begin so
	Deprecated upgrade.Minor
	Removed    upgrade.Minor // the first minor in which it does nothing
	Use        string        // in words, what to use
	Source     string
}

// Names reports whether the field is meant by a name.
func (f Field) Names(name string) bool {
	prefix, all := strings.CutSuffix(f.Name, "*")
	return f.Name == name || all && strings.HasPrefix(name, prefix)
}

// Fields reads the embedded table of fields that go.
func Fields() ([]Field, error) {
	var out []Field
	n := 0
	for line := range strings.Lines(fields) {
		n++
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "where" {
			continue
		}
		if len(c) != 6 {
			return nil, fmt.Errorf("fields.tsv:%d: %d columns, want 6", n, len(c))
		}
		f := Field{Where: c[0], Name: c[1], Use: c[4], Source: c[5]}
		for i, into := range []*upgrade.Minor{&f.Deprecated, &f.Removed} {
			if err := version(into, c[2+i]); err != nil {
				return nil, fmt.Errorf("fields.tsv:%d: %w", n, err)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// Words are texts of which one stands in each document that uses one of the fields.
func Words(all []Field) []string {
	short := []string{"beta.kubernetes.io/", "alpha.kubernetes.io/"}
	words := append([]string{}, short...)
	for _, f := range all {
		if !strings.Contains(f.Name, short[0]) && !strings.Contains(f.Name, short[1]) {
			words = append(words, f.Name)
		}
	}
	return words
}
