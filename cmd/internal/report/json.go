package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
)

// longList is the number of entries from which on a list is written entry by entry.
const longList = 100

// held is how much text is made before any of it is written: all but that of large fleets and trees.
const held = 1 << 20

// writeJSON writes data. The long lists of a struct are written entry by entry, so that they are never held as text too. Nothing is written
// of data that fails before there is more text than is held, and what is short of it is made before its lists.
func writeJSON(w io.Writer, v View) error {
	out := bufio.NewWriterSize(w, held)
	short, lists := withoutLists(v.data())
	text, err := indented(nil, short, "")
	if err != nil {
		return err
	}
	for _, l := range lists {
		before, after, _ := bytes.Cut(text, []byte("\n  "+l.key+": []")) // no other line begins like this: deeper ones have more spaces
		_, _ = out.Write(before)                                         // errors are kept and returned by Flush
		_, _ = out.WriteString("\n  " + l.key + ": [")
		if err := l.write(out); err != nil {
			return err
		}
		_, _ = out.WriteString("\n  ]")
		text = after
	}
	_, _ = out.Write(append(text, '\n'))
	return out.Flush()
}

// list is a field of a struct that is written entry by entry.
type list struct {
	key     string // in quotes
	entries reflect.Value
}

func (l list) write(out *bufio.Writer) error {
	var text []byte
	for i := range l.entries.Len() {
		var err error
		if text, err = indented(text[:0], l.entries.Index(i).Addr().Interface(), "    "); err != nil {
			return err
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString("\n    ")
		_, _ = out.Write(text)
	}
	return nil
}

// withoutLists is data with its long lists empty, and those lists in their order. Data other than a struct stays as it is.
func withoutLists(data any) (any, []list) {
	from := reflect.ValueOf(data)
	if _, own := data.(json.Marshaler); own || from.Kind() != reflect.Struct {
		return data, nil
	}
	short := reflect.New(from.Type()).Elem()
	short.Set(from)
	var lists []list
	for i := range from.NumField() {
		f := from.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "" || name == "-" || options != "" {
			continue
		}
		x := from.Field(i)
		if _, own := x.Interface().(json.Marshaler); !own && x.Kind() == reflect.Slice && x.Len() >= longList &&
			x.Type().Elem().Kind() == reflect.Struct {
			short.Field(i).Set(reflect.MakeSlice(x.Type(), 0, 0))
			lists = append(lists, list{`"` + name + `"`, x})
		}
	}
	return short.Interface(), lists
}

// indented appends data as JSON whose lines after the first begin with a prefix.
func indented(to []byte, data any, prefix string) ([]byte, error) {
	b := bytes.NewBuffer(to)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(data)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}
