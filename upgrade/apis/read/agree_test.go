package read

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// writer writes random documents: objects and lists of all kinds in all styles, and what stands between them in real files.
type writer struct {
	*rand.Rand
	b strings.Builder
}

func (w *writer) pick(of ...string) string { return of[w.IntN(len(of))] }

func (w *writer) maybe(percent int) bool { return w.IntN(100) < percent }

// scalar is a text in a style that leaves it what it is, or now and then in one that does not.
func (w *writer) scalar(s string) string {
	switch w.IntN(12) {
	case 0:
		return "'" + s + "'"
	case 1, 2:
		return `"` + s + `"`
	case 3:
		return s + w.pick(" # c", "  ", " #", "")
	}
	return s
}

func (w *writer) noise(indent string) {
	for w.maybe(12) {
		w.b.WriteString(w.pick("\n", indent+"# apiVersion: policy/v1beta1\n", "   \n", "#\n", indent+"  # c\n"))
	}
}

// entry writes a key and a value that is no object.
func (w *writer) entry(indent string) {
	key := w.pick("data", "spec", "a", "labels", "apiversion", "Kind", "x-y", `"q"`, "name", "items")
	if key == "items" && w.maybe(70) {
		key = "values"
	}
	if key == "name" {
		key = "names"
	}
	w.b.WriteString(indent + key + ":")
	switch w.IntN(9) {
	case 0:
		w.b.WriteString(w.pick(" |", " |-", " >", " >-", " |+", " |2") + "\n")
		for range 1 + w.IntN(3) {
			w.b.WriteString(
				indent + "  " + w.pick(
					"",
					" ",
					"  ",
				) + w.pick(
					"apiVersion: policy/v1beta1",
					"- kind: X",
					"text",
					"{",
					"# no comment",
					`"`,
					"a: b: c",
				) + "\n",
			)
		}
	case 1:
		w.b.WriteString(" " + w.flow(2) + "\n")
	case 2:
		w.b.WriteString("\n")
		for range 1 + w.IntN(3) {
			w.b.WriteString(
				indent + w.pick(
					"",
					"  ",
				) + "- " + w.pick(
					"b",
					"1",
					"[c]",
					"{d: e}",
					`"f"`,
					"g: h",
					"kind: Pod",
					"- i",
					"|\n"+indent+"      text",
				) + "\n",
			)
		}
	case 3:
		w.b.WriteString("\n" + indent + "  b:" + w.pick(" c", "\n"+indent+"    apiVersion: v1\n"+indent+"    kind: X") + "\n")
	case 4:
		w.b.WriteString(
			w.pick(" null", " ~", "", " !!str 1", " &x y", " *x", ` "a\nb"`, " 'it''s'", " a\n"+indent+"    b", " {{ x }}", " \"{{ x }}\"") + "\n",
		)
	default:
		w.b.WriteString(" " + w.scalar(w.pick("1", "true", "text", "a b", "0x1", "-1", "a:b", "http://x/#y", "c d e")) + "\n")
	}
}

// flow is a value in flow style.
func (w *writer) flow(depth int) string {
	switch n := w.IntN(6); {
	case depth == 0 || n < 2:
		return w.scalar(w.pick("a", "1", "x/y", "b c"))
	case n < 4:
		return "[" + w.flow(depth-1) + w.pick("", ", "+w.flow(depth-1), ",") + "]"
	}
	return "{" + w.pick("a", "kind", `"b"`, "apiVersion") + ": " + w.flow(depth-1) + w.pick("", ", c: d", ",") + "}"
}

// object writes an object, or a list of objects.
func (w *writer) object(indent string, depth int) {
	api := w.pick("apps/v1", "policy/v1beta1", "v1", "extensions/v1beta1", "batch/v1")
	kind := w.pick("Pod", "Deployment", "PodSecurityPolicy", "Ingress", "PodList", "List", "CronJobList")
	fields := []func(string){
		func(in string) {
			w.b.WriteString(in + w.pick("apiVersion", `"apiVersion"`, "apiVersion ") + ": " + w.scalar(api) + "\n")
		},
		func(in string) { w.b.WriteString(in + "kind: " + w.scalar(kind) + "\n") },
		w.metadata,
	}
	for range w.IntN(3) {
		fields = append(fields, w.entry)
	}
	if strings.HasSuffix(kind, "List") && depth > 0 {
		fields = append(fields, func(in string) { w.items(in, depth) })
	}
	if w.maybe(4) {
		fields = append(fields, fields[w.IntN(len(fields))]) // a key twice
	}
	if w.maybe(5) {
		fields = append(fields, func(in string) {
			w.b.WriteString(in + w.pick("<<: {kind: X}", "<<: *m", "? k\n"+in+": v", "!!str t: u") + "\n")
		})
	}
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	if w.maybe(5) {
		fields = fields[1:]
	}
	for i, f := range fields {
		w.noise(indent)
		if i == 0 && strings.HasSuffix(w.b.String(), "- ") {
			f("")
			continue
		}
		f(indent)
	}
}

func (w *writer) metadata(in string) {
	switch w.IntN(5) {
	case 0:
		w.b.WriteString(in + "metadata: {name: " + w.scalar("a") + w.pick("", ", namespace: n", ", labels: {a: b}") + "}\n")
	case 1:
		w.b.WriteString(in + "metadata:" + w.pick("", " null", " {}", " # none") + "\n")
	default:
		w.b.WriteString(in + "metadata:\n" + in + "  name: " + w.scalar("web") + "\n")
		if w.maybe(50) {
			w.b.WriteString(
				in + "  " + w.pick(
					"namespace: "+w.scalar("shop"),
					"labels: {name: x}",
					"labels:\n"+in+"    name: y",
					"annotations:\n"+in+"    kind: z",
				) + "\n",
			)
		}
	}
}

func (w *writer) items(in string, depth int) {
	switch w.IntN(6) {
	case 0:
		w.b.WriteString(
			in + "items: [" + w.pick(
				"",
				"{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: a}}",
				`{"apiVersion": "v1", "kind": "Pod"}, {kind: X}`,
			) + "]\n",
		)
		return
	case 1:
		w.b.WriteString(in + "items:" + w.pick("", " null", " {}", " x") + "\n")
		return
	}
	w.b.WriteString(in + "items:\n")
	dash := in + w.pick("", "  ")
	for range w.IntN(4) {
		switch w.IntN(8) {
		case 0:
			w.b.WriteString(
				dash + "- " + w.pick(
					"{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: a}}",
					`{"apiVersion": "batch/v1beta1", "kind": "CronJob"}`,
					"{kind: X}",
					"[{apiVersion: v1, kind: Y}]",
					"text",
					"*m",
					"&m {kind: Z}",
					"",
				) + "\n",
			)
		case 1:
			w.b.WriteString(dash + "-\n")
			w.object(dash+"    ", depth-1)
		default:
			w.b.WriteString(dash + "- ")
			w.object(dash+"  ", depth-1)
		}
	}
}

func (w *writer) document() []byte {
	w.b.Reset()
	if w.maybe(30) {
		w.b.WriteString(w.pick("---\n", "--- # c\n", "---   \n", "# c\n", "\n"))
	}
	switch w.IntN(20) {
	case 0:
		w.b.WriteString(
			w.pick(
				"[]",
				"text",
				"{}",
				"- a: b\n",
				"{apiVersion: v1, kind: Pod}",
				`{"kind": "List", "apiVersion": "v1", "items": [{"apiVersion": "policy/v1beta1", "kind": "X"}]}`,
			),
		)
	case 1:
		w.b.WriteString("- ")
		w.object("  ", 1)
	default:
		w.object("", 2)
	}
	text := w.b.String()
	if w.maybe(4) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if w.maybe(3) {
		text = strings.Replace(text, "\n", w.pick("\t\n", "é\n", "\n\t", " \\\n"), 1)
	}
	return []byte(text)
}

// TestQuickPassAgrees holds the line scanner to the parser on random documents: what it accepts is valid, and holds the same objects in the
// same places. TREADMILL_DOCUMENTS sets how many; ten million were tried.
func TestQuickPassAgrees(t *testing.T) {
	n := 30_000
	if many, err := strconv.Atoi(os.Getenv("TREADMILL_DOCUMENTS")); err == nil {
		n = many
	}
	seed := uint64(7)
	if s, err := strconv.ParseUint(os.Getenv("TREADMILL_SEED"), 10, 64); err == nil {
		seed = s
	}
	w := writer{Rand: rand.New(rand.NewPCG(seed, 1))}
	var fast plain
	accepted, lists := 0, 0
	for range n {
		doc := w.document()
		got, ok := fast.read(doc, 1)
		if !ok {
			continue
		}
		accepted++
		var tree yaml.Node
		if err := yaml.NewDecoder(bytes.NewReader(doc)).Decode(&tree); err != nil && len(got) > 0 {
			t.Fatalf("accepted what the parser refuses: %v\n%s", err, doc)
		}
		slow := parser{file: "f"}
		if len(tree.Content) > 0 {
			slow.node(tree.Content[0], -1, 0)
		}
		if len(slow.objects) > 1 {
			lists++
		}
		if a, b := show(got), show(slow.objects); a != b || len(slow.findings) > 0 {
			t.Fatalf("got\n%swant\n%s%v\n%s", a, b, slow.findings, doc)
		}
	}
	t.Logf("%d of %d documents take the quick way, %d of them lists", accepted, n, lists)
	if accepted < n/10 || lists < n/400 {
		t.Errorf("of %d documents only %d take the quick way, %d of them lists: the test tests little", n, accepted, lists)
	}
}
