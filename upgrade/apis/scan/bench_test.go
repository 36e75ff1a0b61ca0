package scan_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
	"treadmill/upgrade/apis/warn"
)

// tree writes a tree of manifests: files of two or three documents, one object in twenty with an old API.
func tree(tb testing.TB, dir string, files int) {
	tb.Helper()
	n := 0
	for i := range files {
		folder := filepath.Join(dir, fmt.Sprintf("app-%03d", i%100))
		if i < 100 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				tb.Fatal(err)
			}
		}
		var b strings.Builder
		for range 2 + i%2 {
			n++
			b.WriteString(document(n))
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("m-%05d.yaml", i)), []byte(b.String()), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

func document(n int) string {
	switch {
	case n%20 == 0:
		return fmt.Sprintf(
			"---\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: web-%d\n  namespace: shop\nspec:\n  minAvailable: 2\n  selector:\n    matchLabels: {app: web-%d}\n",
			n,
			n,
		)
	case n%3 == 0:
		return fmt.Sprintf(
			"---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-%d\n  namespace: shop\ndata:\n  retries: \"3\"\n  app.conf: |\n    [server]\n    listen = 0.0.0.0:8080\n    # workers\n    workers = 4\n",
			n,
		)
	}
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%d
  namespace: shop
  labels: {app: web-%d, tier: front}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web-%d}
  template:
    spec:
      containers:
        - name: web
          image: "registry.example.com/shop/web:4.12.%d"
          args: ["--listen", "0.0.0.0:8080"]
`, n, n, n, n)
}

func open(name string) (fs.File, error) { return os.Open(name) }

// BenchmarkTree scans 20,000 files of 50,000 documents.
func BenchmarkTree(b *testing.B) {
	dir := b.TempDir()
	tree(b, dir, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		table, err := lifecycle.Load()
		if err != nil {
			b.Fatal(err)
		}
		warnings, err := warn.Load()
		if err != nil {
			b.Fatal(err)
		}
		r := apis.Reader{Open: open, Want: table.Fading, Refer: true, Warn: warnings}
		seen, err := r.Read(context.Background(), []string{dir})
		if err != nil {
			b.Fatal(err)
		}
		if found := scan.Find(seen.Objects, table, table.Newest); seen.Seen != 50_000 || len(found) != 2500 {
			b.Fatalf("%d objects, %d findings", seen.Seen, len(found))
		}
	}
}
