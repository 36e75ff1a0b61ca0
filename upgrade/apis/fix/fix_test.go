package fix_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
)

func load(t testing.TB) *lifecycle.Table {
	t.Helper()
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// run fixes a text for the last target that anything is planned for.
func run(t testing.TB, table *lifecycle.Table, name string, data []byte) fix.Result {
	t.Helper()
	return fix.File(name, data, read(t, table, name, data).Objects, table, table.Last())
}

func read(t testing.TB, table *lifecycle.Table, name string, data []byte) apis.Files {
	t.Helper()
	r := apis.Reader{Want: table.Fading, Open: func(string) (fs.File, error) {
		return fstest.MapFS{"f": &fstest.MapFile{Data: data}}.Open("f")
	}}
	seen, err := r.Read(context.Background(), []string{name})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestGolden runs testdata/golden: in.* becomes out.*, which is missing when nothing changes; findings are what is said.
// UPDATE_GOLDEN=1 accepts what comes out.
func TestGolden(t *testing.T) {
	table := load(t)
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			in := a.Files[0]
			got := run(t, table, in.Name, in.Data)
			var said strings.Builder
			for _, f := range got.Findings {
				fmt.Fprintln(&said, f.String())
			}
			want := &txtar.Archive{Comment: a.Comment, Files: a.Files[:1:1]}
			if !bytes.Equal(got.Text, in.Data) {
				want.Files = append(want.Files, txtar.File{Name: strings.Replace(in.Name, "in.", "out.", 1), Data: got.Text})
			}
			if said.Len() > 0 {
				want.Files = append(want.Files, txtar.File{Name: "findings", Data: []byte(said.String())})
			}
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, txtar.Format(want), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if b, _ := os.ReadFile(path); !bytes.Equal(b, txtar.Format(want)) {
				t.Errorf("got\n%s", txtar.Format(want))
			}
			promises(t, table, in.Name, in.Data, got)
		})
	}
}

var comment = regexp.MustCompile(`(?m)(^|[ \t])#`)

// promises checks what holds for every result.
func promises(t *testing.T, table *lifecycle.Table, name string, data []byte, got fix.Result) {
	t.Helper()
	if again := run(t, table, name, got.Text); !bytes.Equal(again.Text, got.Text) || len(again.Changes) > 0 {
		t.Errorf("the second run changed\n%s\nto\n%s", got.Text, again.Text)
	}
	// Each object that has to change is rewritten or refused, and none is after the rewriting but those refused.
	before := scan.Find(read(t, table, name, data).Objects, table, table.Last())
	after := scan.Find(read(t, table, name, got.Text).Objects, table, table.Last())
	refused := 0
	for _, f := range got.Findings {
		if f.ID == fix.Refused {
			refused++
		}
	}
	rewritten := 0
	for _, c := range got.Changes {
		if !c.Template {
			rewritten++
		}
	}
	if len(before) != rewritten+refused {
		t.Errorf("%d objects have to change, %d were rewritten, %d refused", len(before), rewritten, refused)
	}
	if len(after) > refused {
		t.Errorf("%d objects still have to change, %d were refused: %v", len(after), refused, after)
	}
	if len(comment.FindAll(data, -1)) > len(comment.FindAll(got.Text, -1)) {
		t.Error("a comment was lost")
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) != bytes.HasPrefix(got.Text, []byte("\xef\xbb\xbf")) {
		t.Error("the byte order mark is not kept")
	}
	if len(got.Changes) == 0 && !bytes.Equal(got.Text, data) {
		t.Error("nothing changed but the text")
	}
	for _, f := range read(t, table, name, got.Text).Findings {
		if f.ID == diag.Syntax && bytes.Count(data, []byte("\n")) >= 0 && len(read(t, table, name, data).Findings) == 0 {
			t.Errorf("the result does not parse: %s", f)
		}
	}
}
