package helm

import (
	"context"
	"regexp"
	"testing"
	"time"

	"treadmill/upgrade"
)

// CheckMarks renders a template with marks and without.
func CheckMarks(t *testing.T, text string) {
	t.Helper()
	files := []File{
		{Name: "Chart.yaml", Data: []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")},
		{Name: "templates/x.yaml", Data: []byte(text)},
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	plain, err := render(ctx, files, Options{Version: upgrade.V1(37)}, false)
	if err != nil {
		return
	}
	marked, err := render(ctx, files, Options{Version: upgrade.V1(37)}, true)
	if err != nil {
		t.Fatalf("only with marks: %v\n%s", err, instrument(text, 1, true))
	}
	if len(plain.Documents) != len(marked.Documents) {
		t.Fatalf("%d documents, with marks %d", len(plain.Documents), len(marked.Documents))
	}
	for i := range plain.Documents {
		got := regexp.MustCompile(` ?`+markPattern.String()).ReplaceAllString(string(marked.Documents[i].Text), "")
		address := regexp.MustCompile(`0x[0-9a-f]{8,}`) // what {{.}} writes of pointers
		if want := address.ReplaceAllString(string(plain.Documents[i].Text), "0x"); address.ReplaceAllString(got, "0x") != want {
			t.Fatalf("got %q\nwant %q", got, want)
		}
	}
}
