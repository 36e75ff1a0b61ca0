package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// hostile are texts that formats have choked on.
func hostile() []string {
	return []string{
		"", " ", "\x00", "\x1b[31mred\x1b[0m", "\x1b]0;title\a", "a\rb", "a\nb", "a\r\n::error::b", "\u202etxt.exe", "\u2066x\u2069",
		"\u2028", "\u0085", "\xff\xfe",
		"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>", "<!--", "&amp;", "a|b\\|c", "`code` ```", "[a](javascript:b)", "*_~#",
		"=HYPERLINK(\"http://x\")", "+1+2", "-2+3", "@SUM(A1)", "\t=1", "1.30", "0x10", "1e3", "on", "No", "null", "~", "2026-11-23", "12:30",
		"{a: b}", "- x", "# c", "!!int 3",
		"%0A::error::x", "a,b:c%", "C:\\dir\\file", "../../etc/passwd", "file with space#?.yaml", "שלום", "日本語", "e\u0301", "👩‍🚀",
		strings.Repeat("long ", 20000),
	}
}

// hostileView puts one text into every place that takes one.
func hostileView(s string) report.View {
	return report.View{
		Title: s, Lead: []string{s}, Notes: []string{s}, Data: map[string]any{"version": 1, "text": s, "list": []string{s}},
		Tables: []report.Table{
			{Title: s, Columns: []report.Column{{Name: s}, {Name: s, Right: true}}, Rows: []report.Row{{Cells: []string{s, s}, Tone: report.Bad}}},
		},
		Charts: []report.Chart{
			report.Course{
				Text:   s,
				From:   date("2027-01-01"),
				To:     date("2027-02-01"),
				Line:   []report.Range{{High: 1}},
				Limits: []report.Limit{{Label: s, Value: 0.1}},
				Rows: []report.TimelineRow{
					{Label: s, Spans: []report.Span{{Label: s, From: date("2027-01-02"), To: date("2027-01-03")}}},
				},
			},
			report.Timeline{Text: s, Bands: []report.Span{{Label: s, From: date("2027-01-01"), To: date("2027-02-01")}},
				Rows: []report.TimelineRow{{Label: s, Spans: []report.Span{{Label: s, From: date("2027-01-01"), To: date("2027-03-01")}}}}},
		},
		Findings: []diag.Finding{
			{ID: "test/" + s, Severity: diag.Warning, Message: s, Position: diag.Position{File: s, Line: 3, Column: 1}},
			{ID: "test/none", Message: s},
		},
	}
}

func TestHostileTexts(t *testing.T) {
	for _, s := range hostile() {
		name := s[:min(len(s), 12)]
		t.Run(name, func(t *testing.T) { checkAllFormats(t, s) })
	}
}

func FuzzFormats(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s[:min(len(s), 200)])
	}
	f.Fuzz(checkAllFormats)
}

// checkAllFormats writes a text in every format and reads it back with what readers of the format use.
func checkAllFormats(t *testing.T, s string) {
	valid := string([]rune(s))
	want := map[string]any{"version": 1.0, "text": valid, "list": []any{valid}}
	for _, f := range report.Formats() {
		var b bytes.Buffer
		if err := report.Write(&b, f, hostileView(s), report.Style{}); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		switch f {
		case report.JSON:
			same(t, f, decodeJSON(t, b.Bytes()), want)
		case report.YAML:
			var got map[string]any
			if err := yaml.Unmarshal(b.Bytes(), &got); err != nil {
				t.Fatalf("yaml: %v\n%s", err, b.String())
			}
			got["version"] = float64(got["version"].(int))
			same(t, f, got, want)
		case report.CSV:
			checkCSV(t, b.Bytes())
		case report.HTML, report.JUnit:
			checkMarkup(t, f, b.Bytes())
		case report.SARIF:
			validSARIF(t, b.Bytes())
		case report.GitLab:
			codeQuality(t, b.Bytes())
		case report.GitHub:
			checkLines(t, f, b.String(), 2)
		case report.Text, report.Wide:
			checkLines(t, f, b.String(), 10)
			checkControls(t, f, b.String())
		case report.Markdown:
			checkControls(t, f, b.String())
			if strings.ContainsAny(b.String(), "<>") {
				t.Errorf("markdown holds markup: %q", b.String())
			}
		}
	}
}

func same(t *testing.T, f report.Format, got, want map[string]any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %q, want %q", f, got, want)
	}
}

func decodeJSON(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return got
}

func checkCSV(t *testing.T, text []byte) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = 2
	records, err := r.ReadAll()
	if err != nil {
		t.Fatalf("csv: %v\n%s", err, text)
	}
	for _, cell := range slices.Concat(records...) {
		if strings.IndexAny(cell, "=@\t\r") == 0 {
			t.Errorf("csv: a spreadsheet would run %q", cell)
		}
	}
}

// checkMarkup reads a page as a browser would and refuses elements that only a text can have brought in.
func checkMarkup(t *testing.T, f report.Format, text []byte) {
	t.Helper()
	if f == report.HTML { // its own script ends it
		own := bytes.LastIndex(text, []byte("<script>"))
		if end := []byte("</script>\n</body>\n</html>\n"); own < 0 || !bytes.HasSuffix(text, end) {
			t.Fatalf("html does not end in its script\n%s", text)
		}
		text = append(text[:own:own], "</body></html>"...)
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = f == report.JUnit, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", f, err, text)
		}
		if e, ok := token.(xml.StartElement); ok {
			if slices.Contains([]string{"script", "img", "a"}, e.Name.Local) {
				t.Errorf("%s holds an element %s", f, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("%s holds an attribute %s", f, a.Name.Local)
				}
			}
		}
	}
}

func checkLines(t *testing.T, f report.Format, text string, most int) {
	t.Helper()
	if n := strings.Count(text, "\n"); n > most {
		t.Errorf("%s has %d lines, want at most %d: a text broke out of its line:\n%q", f, n, most, text)
	}
}

func checkControls(t *testing.T, f report.Format, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s lets %U through", f, r)
		}
	}
}

func TestSARIFSchema(t *testing.T) {
	for name, v := range map[string]report.View{"full": full(), "empty": {}, "unread": {Findings: []diag.Finding{
		{ID: diag.Unread, Severity: diag.Error, Message: "cannot be read", Position: diag.Position{File: "/abs/ü.yaml"}}}}} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.Write(&b, report.SARIF, v, report.Style{}); err != nil {
				t.Fatal(err)
			}
			validSARIF(t, b.Bytes())
			if !strings.Contains(b.String(), `"results": [`) {
				t.Errorf("no list of results in\n%s", b.String())
			}
			if done := !strings.Contains(b.String(), `"executionSuccessful": false`); done != (name != "unread") {
				t.Errorf("executionSuccessful is %v in\n%s", done, b.String())
			}
		})
	}
}

// validSARIF checks a report against the schema of SARIF 2.1.0 that OASIS publishes.
func validSARIF(t *testing.T, text []byte) {
	t.Helper()
	schema, err := sarifSchema()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// sarifSchema is compiled once: it is large.
var sarifSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := os.ReadFile(filepath.Join("testdata", "schema", "sarif-2.1.0.json"))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("sarif.json")
})
