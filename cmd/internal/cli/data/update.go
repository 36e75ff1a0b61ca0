package data

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/report"
	"treadmill/internal/snapshot"
)

// updateData is the machine shape of `data update`.
type updateData struct {
	Version int    `json:"version"`
	From    string `json:"from"`
	File    string `json:"file"` // where it was put
	Created string `json:"created"`
	Expires string `json:"expires"`
	Newest  string `json:"newest"`
	Changed bool   `json:"changed"` // false where it was there already
}

func updateCommand(a *app.App) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "update SOURCE", Args: cobra.ExactArgs(1), Short: "Take a newer snapshot of the tables",
		Long: `Takes a snapshot from a file, an HTTPS address or an OCI registry (oci://HOST/REPOSITORY:TAG), checks it and puts it where the other
commands find it. One that no known key has signed, that was changed, has expired, is older than the tables in use or is of a form that
this program does not know is refused, and nothing changes. Nothing is ever taken without this command.`,
		Example: "  treadmill data update oci://registry.example.com/platform/treadmill-data:latest --data-key platform.pub\n  treadmill data update treadmill-data.zip",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			ctx, cancel := context.WithTimeout(ctx, a.Timeout)
			defer cancel()
			return update(ctx, a, args[0], out)
		}),
	}
	c.Flags().StringVar(&out, "out", "", "file to write instead of the one that is used without --data")
	return a.Returns(c, updateData{})
}

// update takes a snapshot from a source, if it is better than what is there.
func update(ctx context.Context, a *app.App, source, out string) (report.View, error) {
	if out == "" {
		if out = a.DataHome(); out == "" {
			return report.View{}, app.Usage("the environment has no HOME to put it into: name a file with --out")
		}
	}
	text, err := fetch(ctx, a, source)
	if err != nil {
		return report.View{}, fmt.Errorf("fetch %s: %w", source, err)
	}
	keys, err := a.DataKeys()
	if err != nil {
		return report.View{}, err
	}
	b, err := snapshot.Open(text, keys...)
	if err != nil {
		return report.View{}, fmt.Errorf("%s is refused, and nothing changes: %w", source, err)
	}
	current, err := inUse(a, out)
	if err == nil {
		err = b.Manifest.Check(today(a), current)
	}
	if err != nil {
		return report.View{}, fmt.Errorf("%s is refused, and nothing changes: %w", source, err)
	}
	old, _ := os.ReadFile(out) // one that is not there is another
	data := updateData{
		Version: 1,
		From:    source,
		File:    out,
		Created: b.Manifest.Created,
		Expires: b.Manifest.Expires,
		Newest:  b.Manifest.Newest,
		Changed: string(old) != string(text),
	}
	if data.Changed {
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return report.View{}, err
		}
		files := map[string][]byte{out: text}
		if a.DataKey != "" && out == a.DataHome() {
			trusted, err := a.GivenKeys()
			if err != nil {
				return report.View{}, err
			}
			files[a.KeysHome()] = keysFile(trusted)
		}
		if err := a.WriteFiles(files); err != nil {
			return report.View{}, err
		}
	}
	verb := "is in use now"
	if !data.Changed {
		verb = "was in use already"
	}
	return report.View{
		Lead: []string{
			fmt.Sprintf(
				"The snapshot of %s %s (%s); it expires on %s and knows Kubernetes up to %s.",
				data.Created,
				verb,
				out,
				data.Expires,
				data.Newest,
			),
		},
		Data: data,
	}, nil
}

// keysFile is what is kept of the keys that were known when a snapshot was taken, so that it can be checked without --data-key.
func keysFile(lines string) []byte {
	return []byte(
		"# Keys that `treadmill data update --data-key` was told to trust. Take a line out to stop that.\n" + strings.TrimSpace(lines) + "\n",
	)
}

// inUse is the day of the tables in use: that of the snapshot that is there, else the newest one of those in the program.
func inUse(a *app.App, file string) (string, error) {
	newest := ""
	embedded, err := build.Tables()
	if err != nil {
		return "", err
	}
	for _, t := range embedded {
		newest = max(newest, t.Date)
	}
	if b, err := a.OpenSnapshot(file); err == nil {
		newest = max(newest, b.Manifest.Created)
	}
	return newest, nil
}

// maxBytes bounds what a source may answer.
const maxBytes = 64 << 20

func fetch(ctx context.Context, a *app.App, source string) ([]byte, error) {
	switch {
	case strings.HasPrefix(source, "oci://"):
		return pull(ctx, strings.TrimPrefix(source, "oci://"))
	case strings.HasPrefix(source, "https://"):
		return get(ctx, source)
	case strings.Contains(source, "://"):
		return nil, app.Usage("want a file, https://… or oci://…")
	}
	in, err := a.ReadUpTo(source, maxBytes)
	return in.Data, err
}

// get asks an HTTPS address. A redirect to another host, or away from HTTPS, is not followed.
func get(ctx context.Context, address string) ([]byte, error) {
	client := &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Scheme != "https" || r.URL.Host != via[0].URL.Host || len(via) > 5 {
				return fmt.Errorf("it sends to %s", r.URL.Redacted())
			}
			return nil
		},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // it has been read, or its error was
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", answer.Status)
	}
	return bounded(answer.Body)
}

func bounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err == nil && len(text) > maxBytes {
		err = fmt.Errorf("it is larger than %d bytes", maxBytes)
	}
	return text, err
}
