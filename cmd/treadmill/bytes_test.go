package main

import (
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdBytes writes a file with bytes that a script cannot hold: bytes crlf.yaml '\xef\xbb\xbfa: 1\r\n'.
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bytes FILE TEXT, the text escaped as in Go")
	}
	quoted := []byte{'"'}
	for _, c := range []byte(args[1]) {
		if c == '"' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, c)
	}
	text, err := strconv.Unquote(string(append(quoted, '"')))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}
