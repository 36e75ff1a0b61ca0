package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/internal/drift"
)

// apiServer is an API server that has what is given by path, and else empty lists; a text that begins with "403" is refused.
func apiServer(t *testing.T, paths map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, ok := paths[r.URL.Path]
		switch {
		case r.Method != http.MethodGet:
			t.Errorf("%s %s: drift only reads", r.Method, r.URL)
		case body == "403":
			w.WriteHeader(http.StatusForbidden)
			body = fmt.Sprintf(`{"kind":"Status","message":"forbidden: User \"u\" cannot list %s"}`, r.URL.Path)
		case !ok:
			body = `{"kind":"List","items":[]}`
		}
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// kubeconfig is a file with contexts, each of a server.
func kubeconfig(t *testing.T, servers map[string]string) string {
	t.Helper()
	var clusters, contexts []string
	for name, url := range servers {
		clusters = append(clusters, fmt.Sprintf("{name: %q, cluster: {server: %q}}", name, url))
		contexts = append(contexts, fmt.Sprintf("{name: %q, context: {cluster: %q, user: u}}", name, name))
	}
	return write(
		t,
		"config",
		"users: [{name: u, user: {token: t}}]\nclusters: ["+strings.Join(clusters, ", ")+"]\ncontexts: ["+strings.Join(contexts, ", ")+"]\n",
	)
}

// node is a node of an EKS node group.
func node(name, pool, version string) string {
	return fmt.Sprintf(
		`{"metadata":{"name":%q,"labels":{"eks.amazonaws.com/nodegroup":%q,"topology.kubernetes.io/region":"eu-west-1"}},"status":{"nodeInfo":{"kubeletVersion":%q}}}`,
		name,
		pool,
		version,
	)
}

func items(all ...string) string { return `{"kind":"List","items":[` + strings.Join(all, ",") + `]}` }

func deployment(image string) string {
	return fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"image":%q}]}}}}`, image)
}

// eks is a cluster of two node groups.
func eks(version string, nodes []string, images ...string) map[string]string {
	var workloads []string
	for _, i := range images {
		workloads = append(workloads, deployment(i))
	}
	return map[string]string{
		"/version":                  fmt.Sprintf(`{"gitVersion":"v%s.4-eks-1a2b3c"}`, version),
		"/api/v1/nodes":             items(nodes...),
		"/apis/apps/v1/deployments": items(workloads...),
	}
}

const driftFleet = `version: 1
clusters:
  - {name: shop, provider: eks, version: "1.34", team: shop, region: eu-west-1, nodes: [{name: general, version: "1.34"}, {name: gpu, version: "1.33"}],
     addons: [{name: cert-manager, version: 1.18.2}, {name: house-operator, version: "3"}]}
  - {name: pay, provider: eks, version: "1.35", labels: {context: "arn:pay"}, addons: [{name: cert-manager, version: v1.18}]}
  - {name: gone, provider: eks, version: "1.34"}
`

// driftOf runs drift and reads its JSON.
func driftOf(t *testing.T, args ...string) (status int, found []drift.Finding, rows []drift.Row, stderr string) {
	t.Helper()
	got := run(nil, append([]string{"drift", "-o", "json"}, args...)...)
	var out struct {
		Clusters []drift.Row     `json:"clusters"`
		Findings []drift.Finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil {
		t.Fatalf("%v: %d %s%s", err, got.status, got.stdout, got.stderr)
	}
	return got.status, out.Findings, out.Clusters, got.stderr
}

// told is what is apart: "id subject want → have".
func told(found []drift.Finding) string {
	var out []string
	flat := strings.NewReplacer("\n", " ", `"`, "")
	for _, f := range found {
		if f.Kind != "" {
			out = append(
				out,
				fmt.Sprintf(
					"%s %s %s: %s → %s",
					f.ID,
					f.Cluster,
					f.Subject,
					flat.Replace(strings.TrimSpace(f.Want)),
					flat.Replace(strings.TrimSpace(f.Have)),
				),
			)
		}
	}
	return strings.Join(out, "\n")
}

func TestDriftOfAFleetFile(t *testing.T) {
	file := write(t, "fleet.yaml", driftFleet)
	shop := eks(
		"1.35",
		[]string{node("a", "general", "v1.35.1"), node("b", "gpu", "v1.33.1"), node("c", "gpu", "v1.34.1"), node("d", "spot", "v1.35.0")},
		"quay.io/jetstack/cert-manager-controller:v1.19.1",
	)
	pay := eks("1.35", []string{node("a", "general", "v1.35.1")}, "quay.io/jetstack/cert-manager-controller:v1.18.4")
	payURL := apiServer(t, pay)
	config := kubeconfig(
		t,
		map[string]string{"shop": apiServer(t, shop), "arn:pay": payURL, "admin@pay": payURL, "stranger": apiServer(t, eks("1.33", nil))},
	)
	status, found, rows, _ := driftOf(t, "-f", file, "--kubeconfig", config)
	want := `drift/cluster gone cluster: name: gone → 
drift/addon shop add-on cert-manager: 1.18.2 → 1.19.1
drift/version shop control plane: version: 1.34 nodes general: 1.34 → version: 1.35 nodes general: 1.35
drift/pool shop node pool spot:  → 1.35
drift/mixed shop nodes of gpu:  → 1 at 1.33, 1 at 1.34
drift/cluster stranger cluster:  → name: stranger, provider: eks, version: 1.33`
	if got := told(found); got != want || status != 1 {
		t.Errorf("status %d, got\n%s\nwant\n%s", status, got, want)
	}
	for _, f := range found {
		if f.ID == "drift/version" &&
			(f.Line != 3 || f.Column != 42 || f.Live != "context shop" || f.Owner != "shop" || f.Fix != "treadmill drift -f "+file+" --context shop --write" ||
				f.Diff != "-version: \"1.34\"\n-nodes general: \"1.34\"\n+version: \"1.35\"\n+nodes general: \"1.35\"") {
			t.Errorf("%+v", f)
		}
	}
	if len(rows) != 4 || rows[1].Cluster != "pay" || rows[1].Cells[0].State != drift.Same ||
		rows[2].Cells[0] != (drift.Cell{Kind: drift.Fleet, State: drift.Apart, Drifts: 4}) {
		t.Errorf("%+v", rows)
	}
	known := write(t, "known.json", run(nil, "drift", "-o", "json", "-f", file, "--kubeconfig", config).stdout)
	text := run(nil, "drift", "-f", file, "--kubeconfig", config, "--baseline", known)
	if text.status != 0 || !strings.Contains(text.stdout, "6 differences are in the baseline") ||
		!strings.Contains(text.stdout, "1 add-on was not compared, as nothing that is read shows its version: shop: house-operator.") {
		t.Errorf("with a baseline: %d\n%s", text.status, text.stdout)
	}
	status, _, _, _ = driftOf(t, "-f", file, "--kubeconfig", config, "--context", "shop", "--context", "arn:pay", "--write")
	if status, found, _, _ := driftOf(t, "-f", file, "--kubeconfig", config, "--context", "shop", "--context", "arn:pay"); status != 0 ||
		told(found) != "drift/mixed shop nodes of gpu:  → 1 at 1.33, 1 at 1.34" {
		t.Errorf("after --write: %d\n%s", status, told(found))
	}
	if text, err := os.ReadFile(file); status != 0 || err != nil || !strings.Contains(string(text), `version: "1.35", team: shop`) ||
		!strings.Contains(string(text), "version: v1.18}") {
		t.Errorf("%d %v\n%s", status, err, text)
	}
}

// What a cluster hides is not the same, and not apart.
func TestDriftOfHiddenClusters(t *testing.T) {
	file := write(t, "fleet.yaml", driftFleet)
	hidden := eks("1.34", nil)
	hidden["/api/v1/nodes"], hidden["/apis/apps/v1/deployments"] = "403", "403"
	silent, _ := silence(t)
	config := kubeconfig(t, map[string]string{"shop": apiServer(t, hidden), "arn:pay": silent})
	args := []string{"-f", file, "--kubeconfig", config, "--timeout", "100ms"}
	status, found, rows, stderr := driftOf(t, args...)
	if status != 3 || told(found) != "" || !strings.Contains(stderr, "--allow-partial") {
		t.Errorf("%d %s\n%s", status, told(found), stderr)
	}
	var states []string
	for _, r := range rows {
		states = append(states, r.Cluster+" "+string(r.Cells[0].State))
	}
	if got := strings.Join(states, ", "); got != "gone unknown, pay unknown, shop partial" {
		t.Error(got)
	}
	if status, _, _, _ := driftOf(t, append(args, "--allow-partial")...); status != 0 {
		t.Errorf("accepted: %d", status)
	}
}

func TestDriftAcceptedByAComment(t *testing.T) {
	file := write(
		t,
		"fleet.yaml",
		"version: 1\nclusters:\n  - name: shop\n    provider: eks\n    version: \"1.34\" # treadmill:ignore drift/version until 2026-12-01 upgraded on Friday, the file follows\n",
	)
	config := kubeconfig(t, map[string]string{"shop": apiServer(t, eks("1.35", nil))})
	if got := run(nil, "drift", "-f", file, "--kubeconfig", config); got.status != 0 ||
		!strings.Contains(got.stdout, "1 difference is ignored by a comment.") {
		t.Errorf("%d\n%s", got.status, got.stdout)
	}
	if got := run(nil, "drift", "-f", file, "--kubeconfig", config, "--now", "2026-12-02"); got.status != 1 ||
		!strings.Contains(got.stdout, "ignore/expired") {
		t.Errorf("expired: %d\n%s", got.status, got.stdout)
	}
}

// In every format the difference is told, with its ID where the format has one.
func TestDriftFormats(t *testing.T) {
	file := write(t, "fleet.yaml", "version: 1\nclusters: [{name: shop, provider: gke, version: \"1.34\"}]\n")
	config := kubeconfig(t, map[string]string{"shop": apiServer(t, eks("1.34", nil))})
	for _, format := range []string{"text", "wide", "markdown", "csv", "html", "json", "yaml", "sarif", "junit", "github", "gitlab"} {
		got := run(nil, "drift", "-f", file, "--kubeconfig", config, "-o", format)
		if got.status != 1 || !strings.Contains(got.stdout, "provider") || format != "csv" && !strings.Contains(got.stdout, filepath.Base(file)) {
			t.Errorf("%s: %d\n%s%s", format, got.status, got.stdout, got.stderr)
		}
	}
}

// A plan and a preflight that are told by a file which the cluster has left say so, as errors where that is asked for.
func TestPlanAndPreflightSayWhatDiffers(t *testing.T) {
	file := write(t, "fleet.yaml", "version: 1\nclusters: [{name: shop, provider: eks, version: \"1.36\"}]\n")
	silent, _ := silence(t)
	config := kubeconfig(t, map[string]string{"shop": apiServer(t, eks("1.35", nil)), "lost": silent})
	const said = "shop: the file says 1.36, and its control plane runs 1.35"
	for _, c := range []struct {
		args []string
		says string
		not  string
	}{
		{[]string{"plan"}, "", said},
		{[]string{"plan", "--context", "shop"}, "warning: " + said, "error: " + said},
		{[]string{"plan", "--context", "shop", "--strict"}, "error: " + said, "warning: " + said},
		{[]string{"plan", "--context", "lost", "--timeout", "50ms"}, "the cluster cannot be read", said},
		{[]string{"preflight", "--context", "shop"}, "warning: " + said, "error: " + said},
		{[]string{"preflight", "--context", "shop", "--strict"}, "error: " + said, "warning: " + said},
	} {
		got := run(nil, append([]string{"upgrade", c.args[0], "-f", file, "--kubeconfig", config}, c.args[1:]...)...)
		if !strings.Contains(got.stdout, c.says) || strings.Contains(got.stdout, c.not) {
			t.Errorf("%v: %d\n%s%s", c.args, got.status, got.stdout, got.stderr)
		}
	}
}

// A gate that is told by a file which the cluster has left says so, and is closed by it where that is asked for.
func TestGateSaysWhatDiffers(t *testing.T) {
	file := write(t, "fleet.yaml", "version: 1\nclusters: [{name: shop, provider: eks, version: \"1.34\"}]\n")
	silent, _ := silence(t)
	config := kubeconfig(
		t,
		map[string]string{"other": apiServer(t, eks("1.35", nil)), "same": apiServer(t, eks("1.34", nil)), "silent": silent},
	)
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, 0, "the gate is open."},
		{[]string{"--context", "same", "--strict"}, 0, "the gate is open."},
		{[]string{"--context", "other"}, 0, "warning: shop: the file says 1.34, and its control plane runs 1.35"},
		{[]string{"--context", "other", "--strict"}, 1, "error: shop: the file says 1.34, and its control plane runs 1.35"},
		{[]string{"--context", "silent", "--timeout", "50ms"}, 3, "the cluster cannot be read"},
		{[]string{"--context", "same", "--context", "other"}, 2, ""},
	} {
		got := run(nil, append([]string{"upgrade", "gate", "-f", file, "--cluster", "shop", "--kubeconfig", config}, c.args...)...)
		if got.status != c.status || !strings.Contains(got.stdout, c.says) {
			t.Errorf("%v: %d\n%s%s", c.args, got.status, got.stdout, got.stderr)
		}
	}
}
