package repo_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/render/helm"
)

// object is an object of the chart.
type object map[string]any

func (o object) get(path ...string) any {
	var v any = map[string]any(o)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (o object) String() string { return fmt.Sprint(o["kind"], " ", o.get("metadata", "name")) }

// chart renders the chart with Helm's engine; the texts are those of its documents in Helm's order of names.
func chart(t *testing.T, values map[string]any) (objects []object, text string, err error) {
	t.Helper()
	dir := filepath.Join(root(t), "deploy", "helm", "treadmill")
	var files []helm.File
	walk := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files = append(files, helm.File{Name: filepath.ToSlash(rel), Path: name, Data: []byte(read(t, name))})
		return err
	})
	if walk != nil {
		t.Fatal(walk)
	}
	out, err := helm.Render(
		t.Context(),
		files,
		helm.Options{Version: upgrade.Minor{Major: 1, Minor: 36}, APIs: []string{"v1", "apps/v1"}, Values: values,
			Release: "treadmill", Namespace: "treadmill", Timeout: time.Minute},
	)
	if err != nil {
		return nil, "", err
	}
	var all strings.Builder
	marks := regexp.MustCompile(` #~treadmill [0-9 ]+`) // by which the package knows the lines of templates
	for _, doc := range out.Documents {
		doc.Text = marks.ReplaceAll(doc.Text, nil)
		for d := yaml.NewDecoder(strings.NewReader(string(doc.Text))); ; {
			var o map[string]any
			if err := d.Decode(&o); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v\n%s", err, doc.Text)
			}
			if len(o) > 0 {
				objects = append(objects, object(o))
			}
		}
		all.WriteString("---\n" + strings.Trim(strings.TrimPrefix(strings.TrimSpace(string(doc.Text)), "---"), "\n") + "\n")
	}
	return objects, all.String(), nil
}

func values() map[string]any {
	return map[string]any{
		"image": map[string]any{"repository": "registry.example.org/ops/treadmill"},
		"fleet": map[string]any{"configMap": "treadmill-fleet"},
	}
}

// pods are the pod specs of workloads, by name.
func pods(objects []object) map[string]object {
	out := map[string]object{}
	for _, o := range objects {
		if spec, ok := o.get("spec", "template", "spec").(map[string]any); ok {
			out[o.String()] = spec
		}
		if spec, ok := o.get("spec", "jobTemplate", "spec", "template", "spec").(map[string]any); ok {
			out[o.String()] = spec
		}
	}
	return out
}

// Every pod keeps the rules of the restricted Pod Security Standard (https://kubernetes.io/docs/concepts/security/pod-security-standards/),
// writes nowhere but to volumes of its own, and has the token of a service account only where it asks the API server.
func TestPodsAreRestricted(t *testing.T) {
	objects, _, err := chart(t, values())
	if err != nil {
		t.Fatal(err)
	}
	all := pods(objects)
	if len(all) != 3 {
		t.Fatalf("%d workloads, want 3", len(all))
	}
	for name, pod := range all {
		context := object(pod.get("securityContext").(map[string]any))
		if context["runAsNonRoot"] != true || context["runAsUser"] == 0 || context.get("seccompProfile", "type") != "RuntimeDefault" {
			t.Errorf("%s: %v", name, context)
		}
		if pod["automountServiceAccountToken"] != strings.HasPrefix(name, "CronJob") || pod["hostNetwork"] != nil || pod["hostPID"] != nil {
			t.Errorf("%s: token %v", name, pod["automountServiceAccountToken"])
		}
		for _, c := range pod["containers"].([]any) {
			context := object(object(c.(map[string]any)).get("securityContext").(map[string]any))
			if context["allowPrivilegeEscalation"] != false || context["readOnlyRootFilesystem"] != true ||
				fmt.Sprint(context.get("capabilities", "drop")) != "[ALL]" {
				t.Errorf("%s: %v", name, context)
			}
		}
		for _, v := range pod["volumes"].([]any) {
			if v := v.(map[string]any); v["configMap"] == nil && v["emptyDir"] == nil {
				t.Errorf("%s: volume %v", name, v)
			}
		}
	}
}

// The roles are those that the documentation gives, which are get and list; Secrets only where releases are read.
func TestRightsAreTheDocumentedOnes(t *testing.T) {
	if read(
		t,
		filepath.Join(root(t), "deploy", "helm", "treadmill", "files", "clusterroles.txt"),
	) != read(
		t,
		filepath.Join(root(t), "docs", "clusterrole.yaml"),
	) {
		t.Error("files/clusterroles.txt is not docs/clusterrole.yaml: run make docs")
	}
	for _, releases := range []bool{false, true} {
		v := values()
		v["scan"] = map[string]any{"releases": releases}
		objects, _, err := chart(t, v)
		if err != nil {
			t.Fatal(err)
		}
		roles, accounts := map[any]bool{}, map[any]bool{}
		for _, o := range objects {
			switch o["kind"] {
			case "ClusterRole":
				roles[o.get("metadata", "name")] = true
				for _, r := range o["rules"].([]any) {
					rule := object(r.(map[string]any))
					for _, verb := range rule["verbs"].([]any) {
						if verb != "get" && verb != "list" {
							t.Errorf("%s may %s", o, verb)
						}
					}
					if list, ok := rule["resources"].([]any); ok && slices.Contains(list, any("secrets")) && !releases {
						t.Errorf("%s may read Secrets", o)
					}
				}
			case "ServiceAccount":
				accounts[o.get("metadata", "name")] = true
			}
		}
		for _, o := range objects {
			if o["kind"] != "ClusterRoleBinding" {
				continue
			}
			if !roles[o.get("roleRef", "name")] {
				t.Errorf("%s binds %v, which is not there", o, o.get("roleRef", "name"))
			}
			for _, s := range o["subjects"].([]any) {
				if subject := s.(map[string]any); !accounts[subject["name"]] || subject["namespace"] != "treadmill" {
					t.Errorf("%s is for %v", o, subject)
				}
			}
		}
		if want := 2 + map[bool]int{true: 1}[releases]; len(roles) != want {
			t.Errorf("releases %v: roles %v, want %d", releases, roles, want)
		}
	}
}

// The alert rules of the chart are those that the program prints.
func TestRulesOfTheChart(t *testing.T) {
	r := execute(t, root(t), nil, treadmill(t), "upgrade", "export", "--rules", "--format", "prometheus")
	if r.stdout != read(t, filepath.Join(root(t), "deploy", "helm", "treadmill", "files", "rules.txt")) {
		t.Error("files/rules.txt is not what `treadmill upgrade export --rules --format prometheus` prints: run make docs")
	}
}

// The base for Kustomize is the chart with its defaults.
func TestBaseIsTheChart(t *testing.T) {
	v := values()
	v["image"] = map[string]any{"repository": "treadmill"}
	_, text, err := chart(t, v)
	if err != nil {
		t.Fatal(err)
	}
	text = "# Generated from deploy/helm/treadmill by UPDATE_GOLDEN=1 go test ./internal/repo.\n" + text
	file := filepath.Join(root(t), "deploy", "kustomize", "base", "treadmill.yaml")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, file) != text {
		t.Error("deploy/kustomize/base/treadmill.yaml is not what the chart makes: UPDATE_GOLDEN=1 go test ./internal/repo")
	}
	// It builds, and what it makes is fine at the newest version.
	r := execute(t, root(t), nil, treadmill(t), "upgrade", "scan", "deploy/kustomize/base", "--to", "1.38")
	if r.status != 0 || !strings.Contains(r.stdout, "0 removed, 0 deprecated") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// Without the name of an image nothing is rendered, and without a fleet file no plan is shown.
func TestMissingValues(t *testing.T) {
	if _, _, err := chart(t, map[string]any{}); err == nil || !strings.Contains(err.Error(), "image.repository") {
		t.Errorf("%v", err)
	}
	v := values()
	v["drift"] = map[string]any{"enabled": true}
	if _, _, err := chart(t, v); err == nil || !strings.Contains(err.Error(), "drift.cluster") {
		t.Errorf("%v", err)
	}
	v["drift"] = map[string]any{"enabled": true, "cluster": "example"}
	delete(v, "fleet")
	if _, _, err := chart(t, v); err == nil || !strings.Contains(err.Error(), "drift.enabled needs a fleet file") {
		t.Errorf("%v", err)
	}
	delete(v, "drift")
	objects, _, err := chart(t, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if o["kind"] == "Deployment" || o["kind"] == "ServiceMonitor" {
			t.Errorf("%s has nothing to show", o)
		}
	}
}

// The programs of the pods start with their arguments: the exporter serves the plan, the nightly jobs look for the cluster they run in.
func TestPodsArgumentsRun(t *testing.T) {
	v := values()
	v["drift"] = map[string]any{"enabled": true, "cluster": "example", "plan": "plan.json", "prometheus": "http://prometheus:9090",
		"manifests": map[string]any{"configMap": "manifests"}, "slos": map[string]any{"configMap": "slos"}}
	objects, text, err := chart(t, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--plan=/fleet/plan.json", "--manifests=/manifests", "--slo=/slos", "{name: slos, configMap: {name: slos}}",
		"{name: manifests, mountPath: /manifests, readOnly: true}"} {
		if !strings.Contains(text, want) {
			t.Errorf("the drift job lacks %s", want)
		}
	}
	if n := len(pods(objects)); n != 4 {
		t.Errorf("%d workloads, want 4", n)
	}
	for name, pod := range pods(objects) {
		var args []string
		for _, a := range pod["containers"].([]any)[0].(map[string]any)["args"].([]any) {
			args = append(args, a.(string))
		}
		if strings.HasPrefix(name, "Deployment") {
			serve(t, args)
			continue
		}
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "/fleet/fleet.yaml", filepath.Join(root(t), "deploy", "kustomize", "base", "fleet.yaml"))
		}
		r := execute(t, t.TempDir(), []string{"KUBECONFIG=/nowhere", "KUBERNETES_SERVICE_HOST="}, treadmill(t), args...)
		if r.status < 2 || !strings.Contains(r.stdout+r.stderr, "in-cluster configuration") {
			t.Errorf("%s %q: status %d\n%s%s", name, args, r.status, r.stdout, r.stderr)
		}
	}
}

// serve runs the exporter with the fleet file of the base and asks it for its metrics.
func serve(t *testing.T, args []string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	for i, a := range args {
		switch a {
		case "/fleet/fleet.yaml":
			args[i] = filepath.Join(root(t), "deploy", "kustomize", "base", "fleet.yaml")
		case ":9099":
			args[i] = address
		}
	}
	c := exec.CommandContext(t.Context(), treadmill(t), args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for range 300 {
		resp, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(string(text), "treadmill_plan_up 1") || !strings.Contains(string(text), `cluster="example"`) {
			t.Errorf("%v: %s", err, text)
		}
		return
	}
	t.Errorf("treadmill %q does not answer", args)
}
