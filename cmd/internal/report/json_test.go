package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"treadmill/cmd/internal/report"
)

// Long lists are written entry by entry, and the text is the same as that of the whole at once.
func TestLongLists(t *testing.T) {
	type entry struct {
		Name  string   `json:"name"`
		Lists []string `json:"lists"`
	}
	type data struct {
		Version int     `json:"version"`
		First   []entry `json:"first"`
		Few     []entry `json:"few"`
		None    []entry `json:"none"`
		Omitted []entry `json:"omitted,omitempty"`
		Text    string  `json:"text"`
		Last    []entry `json:"last"`
	}
	d := data{Version: 1, Few: []entry{{"<a>", nil}}, None: []entry{}, Text: "\n  \"last\": []"}
	for range 1000 {
		d.First, d.Last = append(d.First, entry{"\n  \"first\": []", []string{"a", "b"}}), append(d.Last, entry{"é", []string{}})
	}
	var want, got bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(&got, report.JSON, report.View{Data: d}, report.Style{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("got\n%.300s\nwant\n%.300s", got.Bytes(), want.Bytes())
	}
}
