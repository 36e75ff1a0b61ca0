package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"treadmill/cmd/internal/report"
)

// form is an answer as it is sent.
type form struct {
	state         string // what it says of when the page is
	tag           string
	plain, packed []byte
}

// forms are the answers of a page and of the JSON behind it. They are made for the first reader, and that of the page again when what it
// says of when it is has changed, once a minute.
type forms struct {
	mu         sync.Mutex
	page, data form
}

// answer is the page, or the JSON behind it, as it is sent now.
func (k kept) answer(data bool, state string) form {
	k.forms.mu.Lock()
	defer k.forms.mu.Unlock()
	if data {
		if k.forms.data.tag == "" {
			k.forms.data = packed("", k.json)
		}
		return k.forms.data
	}
	if said := state + k.problem; k.forms.page.tag == "" || k.forms.page.state != said {
		var b bytes.Buffer
		b.Grow(len(k.before) + len(k.after) + 4096)
		b.Write(k.before)
		_ = report.WriteState(&b, state, k.problem) // into memory
		b.Write(k.after)
		k.forms.page = packed(said, b.Bytes())
	}
	return k.forms.page
}

// packed is a form of some bytes.
func packed(state string, plain []byte) form {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(plain) // into memory
	_ = z.Close()
	return form{state: state, tag: fmt.Sprintf("%.24x", sha256.Sum256(plain)), plain: plain, packed: b.Bytes()}
}

// send writes an answer, or says that the reader has it already.
func (f form) send(w http.ResponseWriter, r *http.Request) {
	body, tag, head := f.plain, `"`+f.tag+`"`, w.Header()
	head.Set("Vary", "Accept-Encoding")
	if listed(r, "Accept-Encoding", "gzip") {
		body, tag = f.packed, `"`+f.tag+`-gzip"`
		head.Set("Content-Encoding", "gzip")
	}
	head.Set("ETag", tag)
	if listed(r, "If-None-Match", tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // it fails for a reader that is gone
	}
}

// listed reports whether a header that is a list has a word.
func listed(r *http.Request, header, word string) bool {
	return slices.Contains(strings.Split(strings.ReplaceAll(r.Header.Get(header), " ", ""), ","), word)
}
