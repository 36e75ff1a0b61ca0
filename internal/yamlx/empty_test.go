package yamlx_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// What is left out without a parser is what the parser has no document in, and nothing else is left out.
func TestEmptyDocumentsAreThoseOfTheParser(t *testing.T) {
	for _, text := range []string{"", "\n", "  \n\n", "---", "---\n", "---  \r\n\r\n", "\r", "--- \n  \n",
		" ---\n", "---\t\n", "\t\n", "--- a\n", "----\n", "---\n# c\n", "---\n...\n", "--- ~\n", "---\nnull\n"} {
		want := 0
		for d := yaml.NewDecoder(bytes.NewReader([]byte(text))); ; {
			var doc yaml.Node
			err := d.Decode(&doc)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				want = -1
				break
			}
			if len(doc.Content) > 0 && doc.Content[0].Tag != "!!null" {
				want++
			}
		}
		docs, findings := yamlx.Documents("f.yaml", []byte(text))
		if got := len(docs); len(findings) > 0 != (want < 0) || want >= 0 && got != want {
			t.Errorf("%q: %d documents, %v; the parser has %d", text, got, findings, want)
		}
	}
}
