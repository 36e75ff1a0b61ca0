package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/render/helm"
)

// files makes the files of a chart from names and texts in turn.
func files(pairs ...string) []helm.File {
	out := []helm.File{{Name: "Chart.yaml", Path: "c/Chart.yaml", Data: []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")}}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, helm.File{Name: pairs[i], Path: "c/" + pairs[i], Data: []byte(pairs[i+1])})
	}
	return out
}

func folder(t *testing.T, root string) []helm.File {
	t.Helper()
	var out []helm.File
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(root + "/" + name)
		out = append(out, helm.File{Name: name, Path: name, Data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sources lists the objects of what a chart makes, each with where it is from.
func sources(r helm.Rendered) []string {
	var out []string
	for _, d := range r.Documents {
		for i, line := range strings.Split(string(d.Text), "\n") {
			value, ok := strings.CutPrefix(strings.TrimLeft(line, "- "), "apiVersion:")
			if ok {
				value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
				file, at, column := d.Source(i+1, value)
				out = append(out, fmt.Sprintf("%s %s:%d:%d", value, file, at, column))
			}
		}
	}
	return out
}

func TestRender(t *testing.T) {
	web := folder(t, "../../../../testdata/charts/web")
	values := func(set ...string) map[string]any {
		v, err := helm.Values([]helm.File{{Path: "v.yaml", Data: []byte("ingress: {enabled: false}\n")}}, set)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, c := range map[string]struct {
		version upgrade.Minor
		values  map[string]any
		want    string
	}{
		"an older version takes the other branch": {upgrade.V1(24), nil, `
autoscaling/v2beta2 charts/cache/templates/hpa.yaml:1:13
extensions/v1beta1 templates/ingress.yaml:3:13
batch/v1beta1 templates/jobs.yaml:3:13
batch/v1beta1 templates/jobs.yaml:3:13
flowcontrol.apiserver.k8s.io/v1beta3 templates/_helpers.tpl:10:13
policy/v1beta1 templates/pdb.yaml:4:13`},
		"values, a switched off subchart, and an object that a value holds": {
			upgrade.V1(37), values("session.enabled=false", "jobs={x}", "extra[0].apiVersion=batch/v1beta1", "extra[0].kind=CronJob"), `
batch/v1beta1 templates/jobs.yaml:3:13
flowcontrol.apiserver.k8s.io/v1beta3 templates/_helpers.tpl:10:13
batch/v1beta1 templates/jobs.yaml:0:0
policy/v1 templates/pdb.yaml:2:13`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := helm.Render(context.Background(), web, helm.Options{Version: c.version, Values: c.values})
			if err != nil {
				t.Fatal(err)
			}
			if s := "\n" + strings.Join(sources(got), "\n"); s != c.want {
				t.Errorf("got%s\nwant%s", s, c.want)
			}
		})
	}
}

func TestRenderSaysWhatIsMissing(t *testing.T) {
	in := files()
	in[0].Data = []byte(
		"apiVersion: v2\nname: c\nversion: 1.0.0\nkubeVersion: '<1.25'\ndependencies:\n- {name: gone, version: 1.x}\n- {name: off, version: 1.x, condition: off}\n",
	)
	got, err := helm.Render(context.Background(), append(in, helm.File{Name: "values.yaml", Data: []byte("off: false\n")}),
		helm.Options{Version: upgrade.V1(25)})
	if err != nil || fmt.Sprint(got.Missing) != "[gone]" || got.Excluded != "<1.25" {
		t.Errorf("missing %v, excluded %q, %v", got.Missing, got.Excluded, err)
	}
}

// TestRenderIsBounded gives it charts that never end, or that would fill the memory.
func TestRenderIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"syntax":           {"a\n{{ if }}\n", "missing value for if"},
		"function":         {"a\nb: {{ nothing 1 }}\n", `function "nothing" not defined`},
		"fail":             {"a\n{{ fail \"no ingress class\" }}\n", "no ingress class"},
		"required":         {"{{ required \"a host is needed\" .Values.host }}", "a host is needed"},
		"missing template": {"\n\n{{ include \"gone\" . }}", `no template "gone"`},
		"list":             {"{{ range until 2000000000 }}x{{ end }}", "more than 1000000 elements"},
		"loops":            {"{{ range until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}", "without end"},
		"repeat":           {`{{ repeat 1000000000 "xxxxxxxx" }}`, "more than 16 MiB"},
		"width":            {`{{ printf "%1000000000d" 1 }}`, "more than 16 MiB"},
		"doubling":         {`{{ $x := "x" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}`, "more than 16 MiB"},
		"recursion":        {`{{ define "a" }}x{{ include "a" . }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, "nested reference"},
		"time":             {`{{ define "a" }}{{ range until 999999 }}{{ end }}{{ end }}{{ range until 1000 }}{{ template "a" }}{{ end }}`, "longer than 300ms"},
	} {
		t.Run(name, func(t *testing.T) {
			o := helm.Options{Version: upgrade.V1(37), Timeout: 5 * time.Minute} // it is the work that is bounded here
			if name == "time" {
				o.Timeout = 300 * time.Millisecond
			}
			_, err := helm.Render(context.Background(), files("templates/x.yaml", c.text), o)
			var e *helm.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestRenderStaysHere calls the functions that reach clusters, the network, the program's environment and its files.
func TestRenderStaysHere(t *testing.T) {
	t.Setenv("TREADMILL_TEST", "leaked")
	for text, want := range map[string]string{
		`a: "{{ (lookup "v1" "Secret" "default" "x").data }}"`:          `a: ""`,
		`a: "{{ getHostByName "localhost" }}"`:                          `a: ""`,
		`{{ env "TREADMILL_TEST" }}`:                                    `function "env" not defined`,
		`{{ expandenv "$TREADMILL_TEST" }}`:                             `function "expandenv" not defined`,
		`a: "{{ .Files.Get "../../../../../../../../../etc/passwd" }}"`: `a: ""`,
		`a: "{{ .Files.Get "/etc/passwd" }}"`:                           `a: ""`,
	} {
		got, err := helm.Render(context.Background(), files("templates/x.yaml", text), helm.Options{Version: upgrade.V1(37)})
		made := fmt.Sprint(err)
		if err == nil {
			made = string(got.Documents[0].Text)
		}
		if !strings.Contains(made, want) {
			t.Errorf("%s gives %s", text, made)
		}
	}
}

func TestErrorHasAPlace(t *testing.T) {
	_, err := helm.Render(context.Background(), files("templates/_h.tpl", "{{ define \"h\" }}\n{{ fail \"no\" }}\n{{ end }}",
		"templates/x.yaml", "a: 1\nb: {{ include \"h\" . }}\n"), helm.Options{Version: upgrade.V1(37)})
	var e *helm.Error
	if !errors.As(err, &e) || e.File != "c/templates/x.yaml" || e.Line != 2 {
		t.Errorf("got %+v", e)
	}
}

func pack(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(entries); i += 2 {
		h := &tar.Header{Name: entries[i], Size: int64(len(entries[i+1])), Mode: 0o644}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestUnpack unpacks a chart in a chart, and refuses what leads out, is broken or is too large.
func TestUnpack(t *testing.T) {
	inner := pack(t, "sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "sub/templates/x.yaml", "apiVersion: v1\nkind: Pod\n")
	outer := pack(t, "c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/charts/sub-1.0.0.tgz", string(inner))
	got, err := helm.Unpack(bytes.NewReader(outer), "d/c.tgz")
	if err != nil {
		t.Fatal(err)
	}
	made, err := helm.Render(context.Background(), got, helm.Options{Version: upgrade.V1(37)})
	if s := fmt.Sprint(sources(made)); err != nil || s != "[v1 d/c.tgz/c/charts/sub-1.0.0.tgz/sub/templates/x.yaml:1:13]" {
		t.Errorf("got %s, %v", s, err)
	}
	for name, data := range map[string][]byte{
		"leads out of": pack(t, "c/../../x", "x"), "the name": pack(t, "/etc/passwd", "x"),
		"unexpected EOF": outer[:len(outer)/2], "no gzip": []byte("text"), "no files": pack(t),
		"more than": pack(t, "c/big", strings.Repeat("x", 129<<20)),
	} {
		if _, err := helm.Unpack(bytes.NewReader(data), "x.tgz"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzMarks renders a template with marks and without: but for the marks the same comes out.
func FuzzMarks(f *testing.F) {
	for _, s := range []string{"apiVersion: v1\nkind: Pod\n", "{{- if .Values.a }}\napiVersion: a\n{{- else }}\napiVersion: b # c\n{{- end }}\nkind: x",
		"{{ range until 3 -}}\napiVersion: {{ . }}\n{{ end }}", "{{/*\napiVersion: x\n*/}}\r\napiVersion: y\r\n", "a: |\n  apiVersion: x",
		"apiVersion: {{ \"}}\" }}\n", "{{$}}0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "treadmill") || len(text) > 1000 {
			return
		}
		helm.CheckMarks(t, text)
	})
}
