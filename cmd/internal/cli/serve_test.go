package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
	"treadmill/cmd/internal/site"
)

// environment is that of a run of some words.
func environment(words string, stdout, stderr io.Writer) app.Env {
	return app.Env{Args: strings.Fields(words), Getenv: func(string) string { return "" }, Now: time.Now, Stdin: strings.NewReader(""),
		Stdout: stdout, Stderr: stderr, Open: func(name string) (fs.File, error) { return os.Open(name) }}
}

// serving runs serve until the test ends, and gives its address when all pages are made.
func serving(t *testing.T, flags string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	said, stderr := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- cli.Main(ctx, environment("treadmill serve --listen 127.0.0.1:0 --now 2026-11-23 "+flags, io.Discard, stderr))
		stderr.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	go io.Copy(io.Discard, said)
	_, url, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), "/"), " on ")
	if err != nil || !ok {
		t.Fatalf("%q %v", line, err)
	}
	t.Cleanup(func() {
		stop()
		if s := <-status; s != 0 {
			t.Errorf("status %d", s)
		}
	})
	for range 600 {
		if r, err := http.Get(url + "/readyz"); err == nil && r.Body.Close() == nil && r.StatusCode == http.StatusOK {
			return url
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the pages were not made")
	return ""
}

func body(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", url, r.StatusCode, err, text)
	}
	return text
}

// TestServe: each page and the JSON behind it are what the command that it names prints.
func TestServe(t *testing.T) {
	t.Chdir("../../..")
	url := serving(t, "testdata/example --fleet testdata/example/fleet.yaml --to 1.38")
	var all site.Overview
	if err := json.Unmarshal(body(t, url+"/index.json"), &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all.Pages {
		names = append(names, p.Page)
		var out bytes.Buffer
		cli.Main(t.Context(), environment(p.Command+" -o json", &out, io.Discard))
		if got := body(t, url+p.Address+".json"); !bytes.Equal(got, out.Bytes()) {
			t.Errorf("%s: the JSON is not that of %s", p.Page, p.Command)
		}
		out.Reset()
		cli.Main(t.Context(), environment(p.Command+" -o html", &out, io.Discard))
		main := func(page []byte) string {
			_, from, _ := strings.Cut(string(page), "<main>")
			text, _, _ := strings.Cut(from, "</main>")
			return text
		}
		if page := body(t, url+p.Address); main(page) == "" || main(page) != main(out.Bytes()) {
			t.Errorf("%s: the page is not that of %s", p.Page, p.Command)
		}
	}
	if want := []string{"Plan", "Quarter", "Support", "SLOs", "Audit", "Scan", "Windows", "Data"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// TestServeFindsWhatIsThere: the kinds of files tell which pages there are; a kubeconfig is no fleet.
func TestServeFindsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"kubeconfig.yaml": "apiVersion: v1\nkind: Config\nclusters: []\n",
		"a/fleet.yml":     "version: 1\nclusters:\n  - {name: a, provider: eks, version: \"1.34\"}\n",
		".git/fleet.yaml": "version: 1\nclusters: []\n",
		"b/alerts.yaml":   "groups:\n  - name: g\n    rules: [{alert: A, expr: up == 0}]\n",
		"broken.yaml":     "clusters: [\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var all site.Overview
	if err := json.Unmarshal(body(t, serving(t, dir)+"/index.json"), &all); err != nil {
		t.Fatal(err)
	}
	commands := map[string]string{}
	for _, p := range all.Pages {
		commands[p.Page] = p.Command
	}
	for page, want := range map[string]string{
		"Plan": "upgrade plan --fleet " + filepath.Join(dir, "a", "fleet.yml"), "Audit": "rules audit " + filepath.Join(dir, "b", "alerts.yaml"),
		"Scan": "upgrade scan " + dir, "Windows": "upgrade windows",
	} {
		if !strings.HasPrefix(commands[page], "treadmill "+want) {
			t.Errorf("%s: %q, want %q", page, commands[page], want)
		}
	}
	if commands["SLOs"] != "" || commands["Drift"] != "" {
		t.Errorf("pages of nothing: %q", commands)
	}
}

// TestWithinServeNothingIsWritten: a command that is run for its view writes no file, whatever its flags say.
func TestWithinServeNothingIsWritten(t *testing.T) {
	dir := t.TempDir()
	fleet := filepath.Join(dir, "fleet.yaml")
	text := []byte("version: 1\nclusters:\n  - {name: a, provider: eks, version: \"1.34\"}\n")
	if err := os.WriteFile(fleet, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, a := cli.Tree(environment("treadmill", io.Discard, io.Discard))
	for _, line := range []string{
		"upgrade plan -f " + fleet + " --report " + filepath.Join(dir, "plan.html"),
		"upgrade plan -f " + fleet + " --handover github=" + dir,
		"upgrade record -f " + fleet + " --cluster a --to 1.35 --start 2026-10-06T07:00:00Z --records " + filepath.Join(dir, "records.yaml"),
		"upgrade export -f " + fleet + " --textfile " + filepath.Join(dir, "plan.prom"),
		"init " + dir,
	} {
		got, err := a.Capture(t.Context(), strings.Fields(line), time.Minute, cli.Root)
		if err == nil {
			t.Errorf("%s: no error, %v", line, got.View.Title)
		}
		if found, err := os.ReadDir(dir); err != nil || len(found) != 1 {
			t.Errorf("%s wrote: %v %v", line, found, err)
		}
	}
}
