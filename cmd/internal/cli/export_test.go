package cli_test

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

// TestExportServes: the metrics are there over loopback, and the end of the context ends the program with status 0.
func TestExportServes(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	said, stderr := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- cli.Main(ctx, app.Env{Args: strings.Fields("treadmill upgrade export -f ../../../testdata/example/fleet.yaml --listen 127.0.0.1:0 --now 2026-11-23"),
			Getenv: func(string) string { return "" }, Now: time.Now, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: stderr,
			Open: func(name string) (fs.File, error) { return os.Open(name) }})
		stderr.Close()
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), "served on ")
	if err != nil || !ok {
		t.Fatalf("%q %v", line, err)
	}
	go io.Copy(io.Discard, said)
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || !strings.Contains(string(text), `treadmill_cluster_slack_seconds{cluster="pay-prod-eu",team="payments"}`) {
		t.Errorf("%v\n%s", err, text)
	}
	stop()
	if s := <-status; s != 0 {
		t.Errorf("status %d", s)
	}
}
