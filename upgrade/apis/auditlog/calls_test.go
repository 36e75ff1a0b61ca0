package auditlog_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/apis/lifecycle"
)

func table(t testing.TB) *lifecycle.Table {
	t.Helper()
	l, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// line is one audit event for resource claims of v1beta1.
func line(stage, verb, user, agent string) string {
	return `{"kind":"Event","stage":"` + stage + `","verb":"` + verb + `","user":{"username":"` + user + `"},"userAgent":"` + agent +
		`","objectRef":{"resource":"resourceclaims","apiGroup":"resource.k8s.io","apiVersion":"v1beta1"},"requestReceivedTimestamp":"2026-11-20T08:15:02.112000Z"}` + "\n"
}

func TestAuditCounts(t *testing.T) {
	log := line(
		"RequestReceived",
		"list",
		"a",
		"x/1",
	) + line(
		"ResponseComplete",
		"list",
		"a",
		"x/1",
	) + line(
		"ResponseComplete",
		"get",
		"a",
		"x/1",
	) +
		line(
			"ResponseStarted",
			"watch",
			"b",
			"x/1",
		) + line(
		"ResponseComplete",
		"watch",
		"b",
		"x/1",
	) +
		line(
			"ResponseComplete",
			"list",
			"system:serviceaccount:kube-system:generic-garbage-collector",
			"kcm",
		) +
		line(
			"ResponseComplete",
			"list",
			"c",
			"treadmill",
		) + line(
		"ResponseComplete",
		"list",
		"d",
		"kube-controller-manager/v1.36.0 (x)",
	) +
		strings.Replace(
			line("ResponseComplete", "list", "e", "y"),
			"v1beta1",
			"v1",
			1,
		) + "\n" + "{\"kind\":\"Event\",\"stage\""
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(log)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"plain": strings.NewReader(log), "gzip": &packed, "byte by byte": iotest.OneByteReader(strings.NewReader(log))} {
		got, err := auditlog.Audit(r, "log", table(t))
		if err != nil {
			t.Fatal(name, err)
		}
		if len(got.Calls) != 2 || got.Own != 3 || got.Events != 9 || len(got.Findings) != 1 {
			t.Fatalf("%s: %+v", name, got)
		}
		a, b := got.Calls[0], got.Calls[1]
		if a.User != "a" || a.Count != 2 || strings.Join(a.Verbs, " ") != "get list" || a.Line != 2 || a.Last.Day() != 20 || b.User != "b" ||
			b.Count != 1 {
			t.Errorf("%s: %+v %+v", name, a, b)
		}
		if f := got.Findings[0]; f.Line != 11 || !strings.Contains(f.Message, "cut off") {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestAuditBadInput(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	got, err := auditlog.Audit(strings.NewReader(long+"\n"+line("ResponseComplete", "get", "a", "b")), "log", table(t))
	if err != nil || len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Message, "longer than 4 MiB") || len(got.Calls) != 1 ||
		got.Calls[0].Line != 2 {
		t.Errorf("a long line: %v %+v", err, got)
	}
	got, err = auditlog.Audit(strings.NewReader(strings.Repeat("x\n", 1000)), "log", table(t))
	if err != nil || len(got.Findings) != 21 || !strings.Contains(got.Findings[0].Message, "980 more lines") {
		t.Errorf("a thousand broken lines: %v, %d findings", err, len(got.Findings))
	}
	broken := errors.New("disk on fire")
	if _, err = auditlog.Audit(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), "log", table(t)); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
	if _, err = auditlog.Audit(strings.NewReader("\x1f\x8bnot gzip"), "log", table(t)); err == nil {
		t.Error("what is no gzip is read")
	}
}

func TestMetrics(t *testing.T) {
	text := "# TYPE apiserver_requested_deprecated_apis gauge\n" +
		`apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1` + "\n" +
		`apiserver_requested_deprecated_apis{group="a.b",removed_release="1.38",resource="c",subresource="status",version="v1"} 1` + "\n" +
		`apiserver_requested_deprecated_apis{group="a.b",removed_release="1.38",resource="c",subresource="",version="v1"} 1` + "\n" +
		`apiserver_requested_deprecated_apis{group="zero",removed_release="1.38",resource="c",subresource="",version="v1"} 0` + "\n"
	got, err := auditlog.Metrics(strings.NewReader(text), "m")
	if err != nil || len(got) != 2 {
		t.Fatalf("%v %+v", err, got)
	}
	objects, rest := auditlog.Objects(got, table(t))
	if len(objects) != 1 || objects[0].Kind != "Endpoints" || len(rest) != 1 || rest[0].Removed.String() != "1.38" {
		t.Errorf("%+v %+v", objects, rest)
	}
	if got, err = auditlog.Metrics(strings.NewReader("apiserver_request_total{} 1\n"), "m"); err != nil || len(got) != 0 {
		t.Errorf("a server without deprecated calls: %v %v", got, err)
	}
	for _, bad := range []string{"", "node_load1 1\n", "apiserver_request_total 1\napiserver_requested_deprecated_apis{gro", text + "apiserver_requested_deprecated_apis{group=\"}\n"} {
		if got, err := auditlog.Metrics(strings.NewReader(bad), "m"); err == nil {
			t.Errorf("%q: read as %v", bad, got)
		}
	}
}

// FuzzAudit makes sure that every line is an event, a finding or blank, whatever it is.
func FuzzAudit(f *testing.F) {
	l := table(f)
	f.Add([]byte(line("ResponseComplete", "get", "a", "b") + "\n{\"kind\""))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			return
		}
		got, err := auditlog.Audit(bytes.NewReader(data), "log", l)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for l := range bytes.Lines(data) {
			if len(bytes.TrimSpace(l)) > 0 {
				lines++
			}
		}
		if n := len(got.Findings); lines > 0 && n < 20 && got.Events+n != lines {
			t.Errorf("%d lines, %d events, %d findings", lines, got.Events, n)
		}
	})
}

// TestAuditPacked gives it logs whose gzip is cut off, or unpacks to far more than it is: what is there is read, in bounded memory.
func TestAuditPacked(t *testing.T) {
	pack := func(texts ...io.Reader) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.Copy(z, io.MultiReader(texts...)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	event := line("ResponseComplete", "get", "a", "b") + "\n"
	whole := pack(strings.NewReader(strings.Repeat(event, 4_000)))
	got, err := auditlog.Audit(bytes.NewReader(whole[:len(whole)/2]), "log", table(t))
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(got.Calls) != 1 || got.Events < 100 {
		t.Errorf("cut off: %v, %d events", err, got.Events)
	}
	bomb := pack(strings.NewReader(event), io.LimitReader(zeros{}, 40<<20), strings.NewReader("\n"+event))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err = auditlog.Audit(bytes.NewReader(bomb), "log", table(t))
	runtime.ReadMemStats(&after)
	if err != nil || got.Events != 2 || len(got.Findings) != 1 || after.TotalAlloc-before.TotalAlloc > 30<<20 {
		t.Errorf(
			"a bomb of %d bytes: %v, %d events, %v, %d MiB allocated",
			len(bomb),
			err,
			got.Events,
			got.Findings,
			(after.TotalAlloc-before.TotalAlloc)>>20,
		)
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
