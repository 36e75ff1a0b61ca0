package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkScanCommand runs the built command on 20,000 files in 100 folders: 50,000 documents, 14 MB, of which one in twenty
// has an old API.
func BenchmarkScanCommand(b *testing.B) {
	for _, files := range []int{2_000, 20_000} { // memory must not grow with the tree
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) { scanTree(b, files) })
	}
}

func scanTree(b *testing.B, files int) {
	dir := b.TempDir()
	b.SetBytes(int64(writeTree(b, dir, files)))
	measure(b, 1, "upgrade", "scan", "--to", "1.37", dir) // there are old APIs
}

// BenchmarkGenerateCommand runs the built command on 10,000 SLOs: 500 services of twenty, 4 MB in the form of Sloth.
func BenchmarkGenerateCommand(b *testing.B) {
	dir := b.TempDir()
	writeSLOs(b, dir)
	measure(b, 0, "rules", "generate", dir)
}

// writeSLOs writes 500 files of twenty SLOs.
func writeSLOs(b *testing.B, dir string) {
	b.Helper()
	for service := range 500 {
		var text strings.Builder
		fmt.Fprintf(&text, "version: prometheus/v1\nservice: shop%d\nlabels: {owner: team-%d}\nslos:\n", service, service%50)
		for i := range 20 {
			fmt.Fprintf(&text, `- name: availability-%d
  objective: %s
  description: Requests of part %d of the shop that are answered
  sli:
    events:
      error_query: sum(rate(http_requests_total{job="shop-%d-%d",code=~"(5..|429)"}[{{.window}}]))
      total_query: sum(rate(http_requests_total{job="shop-%d-%d"}[{{.window}}]))
  alerting:
    name: ShopBurns
    labels: {category: availability}
`, i, []string{"99.9", "99.5", "99", "99.95"}[i%4], i, service, i, service, i)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("shop-%03d.yaml", service)), []byte(text.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// measure runs the built command and reports the time of the whole process, what it cost in CPU and the most memory that
// it held.
func measure(b *testing.B, status int, args ...string) {
	b.Helper()
	bin := built(b)
	var cpu time.Duration
	peak := 0
	for b.Loop() {
		c := exec.CommandContext(b.Context(), bin, args...)
		c.Stdout = io.Discard
		held, err := watched(c)
		var exit *exec.ExitError
		if peak = max(peak, held); err != nil && !errors.As(err, &exit) || c.ProcessState.ExitCode() != status {
			b.Fatalf("want status %d: %v", status, err)
		}
		cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(peak)/1024, "peak-MiB")
}

// built is the program as make build builds it.
func built(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "treadmill")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// watched runs a command and returns the most memory that it held, in KiB.
func watched(c *exec.Cmd) (peak int, err error) {
	if err := c.Start(); err != nil {
		return 0, err
	}
	done := make(chan bool)
	held := make(chan int)
	go func() { held <- peakOf(c.Process.Pid, done) }()
	err = c.Wait()
	close(done)
	return <-held, err
}

// peakOf watches the most memory that a process holds, in KiB, until it ends; 0 on systems without /proc. What wait tells of
// it is no use: it counts what the parent held when it forked.
func peakOf(pid int, done <-chan bool) int {
	peak := 0
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); err == nil && ok {
			var kib int
			if _, err := fmt.Sscan(rest, &kib); err == nil {
				peak = max(peak, kib)
			}
		}
		select {
		case <-done:
			return peak
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// writeTree writes files of two or three documents and returns their size.
func writeTree(b *testing.B, dir string, files int) (size int) {
	b.Helper()
	n := 0
	for i := range files {
		folder := filepath.Join(dir, fmt.Sprintf("app-%03d", i%100))
		if i < 100 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				b.Fatal(err)
			}
		}
		var text strings.Builder
		for range 2 + i%2 {
			n++
			text.WriteString(treeDocument(n))
		}
		size += text.Len()
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("m-%05d.yaml", i)), []byte(text.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return size
}

func treeDocument(n int) string {
	head := func(api, kind string) string {
		return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata:\n  name: web-%d\n  namespace: shop\n", api, kind, n)
	}
	switch {
	case n%20 == 0:
		return head("policy/v1beta1", "PodDisruptionBudget") + "spec:\n  minAvailable: 2\n  selector:\n    matchLabels: {app: web}\n"
	case n%3 == 0:
		return head("v1", "ConfigMap") + "data:\n  retries: \"3\"\n  app.conf: |\n    [server]\n    listen = 0.0.0.0:8080\n    workers = 4\n"
	case n%3 == 1:
		return head("v1", "Service") + "spec:\n  selector: {app: web}\n  ports:\n    - {name: http, port: 80, targetPort: 8080}\n"
	}
	return head("apps/v1", "Deployment") + `spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: "registry.example.com/shop/web:4.12.1"
          args: ["--listen", "0.0.0.0:8080"]
          env:
            - name: LOG
              value: info
            - name: REGION
              value: eu
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
          ports:
            - name: http
              containerPort: 8080
`
}
