package edit

import (
	"bytes"
	"encoding/json"
)

// ForYAML makes JSON into YAML of the same length: YAML takes neither tabs nor all escapes. The reader takes the values of
// texts from the JSON itself.
func ForYAML(src []byte) []byte {
	if !isJSON(src) {
		return src
	}
	out := bytes.ReplaceAll(src, []byte("\t"), []byte(" "))
	for i := 0; i+1 < len(out); i++ {
		if out[i] == '\\' {
			out[i], out[i+1] = 'x', 'x'
			i++
		}
	}
	return out
}

func isJSON(src []byte) bool {
	start := bytes.TrimLeft(src, " \t\r\n")
	return len(start) > 0 && (start[0] == '{' || start[0] == '[') && json.Valid(start)
}
