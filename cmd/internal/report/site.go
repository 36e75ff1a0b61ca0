package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
)

// Site is the pages that a page is one of.
type Site struct{ Pages []SitePage }

// SitePage is one of them in the menu.
type SitePage struct {
	Name, Address string
	Here          bool // it is the page itself
}

// stateMark is where a page of a site says of when it is.
const stateMark = `<div id="state" role="status">`

// WriteSitePage makes a page of a site in two parts, between which stands what State says when the page is asked for.
func WriteSitePage(v View, origin Origin) (before, after []byte, err error) {
	var b bytes.Buffer
	if err := writeHTML(&b, v.whole(), origin); err != nil {
		return nil, nil, err
	}
	at := bytes.Index(b.Bytes(), []byte(stateMark)) + len(stateMark)
	return b.Bytes()[:at], b.Bytes()[at:], nil
}

// WriteState writes of when a page is. A problem is why it could not be made anew.
func WriteState(w io.Writer, text, problem string) error {
	out := `<p class="notes">` + html.EscapeString(Safe(text)) + "</p>"
	if problem != "" {
		out = `<p class="next"><strong>` + html.EscapeString(Safe(text)) + "</strong> " + html.EscapeString(Safe(problem)) + "</p>"
	}
	_, err := io.WriteString(w, out)
	return err
}

// Policy is the content security policy under which pages work: they load nothing, send nothing and stand in no frame.
func Policy() string {
	sum := sha256.Sum256([]byte("\n" + pageScript))
	return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
