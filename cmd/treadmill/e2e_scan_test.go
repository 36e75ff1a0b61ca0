//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scanned is what "upgrade scan -o json" answers, as far as these tests look at it.
type scanned struct {
	Findings []struct {
		ID, Severity, Message, File, Source, APIVersion, Kind, Namespace, Name, Owner string
		AlsoSeen                                                                      []struct{ Source, File string }
	}
}

// lines writes the findings as short lines, in order, each once.
func (s scanned) lines() []string {
	var out []string
	for _, f := range s.Findings {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s %s", f.ID, f.Source, f.APIVersion, f.Kind, f.Name, f.Owner)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// gap reports whether a finding says that something in a place could not be read.
func (s scanned) gap(file, what string) bool {
	for _, f := range s.Findings {
		if f.ID == "input/unread" && f.Source == "live" && f.File == file && strings.HasPrefix(f.Message, what+" cannot be read") {
			return true
		}
	}
	return false
}

// scanCluster runs a scan with a cluster's kubeconfig and returns its exit status and findings.
func scanCluster(t *testing.T, c *cluster, args ...string) (int, scanned) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(
		t.Context(),
		"treadmill",
		append([]string{"upgrade", "scan", "-o", "json", "--kubeconfig", c.kubeconfig}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	status := 0
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		status = exit.ExitCode()
	}
	var s scanned
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	return status, s
}

// oldObjects creates objects through old and new API versions of a server that emulates 1.34, with all of them served.
func oldObjects(t *testing.T, c *cluster) {
	t.Helper()
	create := func(path, format string, args ...any) {
		c.do(t, "admin", http.MethodPost, path, fmt.Sprintf(format, args...))
	}
	for _, version := range []string{"v1beta1", "v1beta2", "v1"} {
		create(
			"/apis/resource.k8s.io/"+version+"/deviceclasses",
			"apiVersion: resource.k8s.io/%s\nkind: DeviceClass\nmetadata: {name: class-%s, labels: {a: b}}\nspec: {}\n",
			version,
			version,
		)
	}
	create("/apis/storage.k8s.io/v1beta1/volumeattributesclasses", "apiVersion: storage.k8s.io/v1beta1\nkind: VolumeAttributesClass\n"+
		"metadata: {name: gold}\ndriverName: example.com\nparameters: {iops: '1'}\n")
	create(
		"/apis/networking.k8s.io/v1beta1/servicecidrs",
		"apiVersion: networking.k8s.io/v1beta1\nkind: ServiceCIDR\nmetadata: {name: extra}\nspec: {cidrs: [10.9.0.0/24]}\n",
	)
	create("/api/v1/namespaces/default/endpoints", "apiVersion: v1\nkind: Endpoints\nmetadata: {name: external, labels: {a: b}}\n")
	create(
		"/apis/policy/v1/namespaces/default/poddisruptionbudgets",
		"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: stale\n  labels: {a: b}\n  annotations:\n"+
			"    kubectl.kubernetes.io/last-applied-configuration: '{\"apiVersion\":\"policy/v1beta1\",\"kind\":\"PodDisruptionBudget\"}'\nspec: {minAvailable: 1}\n",
	)
	create(
		"/apis/resource.k8s.io/v1/deviceclasses",
		"apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata:\n  name: stale\n  labels: {a: b}\n  annotations:\n"+
			"    kubectl.kubernetes.io/last-applied-configuration: '{\"apiVersion\":\"resource.k8s.io/v1beta1\",\"kind\":\"DeviceClass\"}'\nspec: {}\n",
	)
	create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "%s", widgets)
	await(t, c.api, 60e9, func() bool {
		status, _ := c.try(t, "admin", http.MethodPost, "/apis/example.com/v1alpha1/namespaces/default/widgets",
			"apiVersion: example.com/v1alpha1\nkind: Widget\nmetadata: {name: old, labels: {a: b}}\n")
		return status == http.StatusCreated
	})
	create(
		"/apis/example.com/v1/namespaces/default/widgets",
		"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: new, labels: {a: b}}\n",
	)
}

const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1alpha1, served: true, storage: false, deprecated: true, deprecationWarning: use v1, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1alpha0, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
`

// wantOld are the findings for oldObjects at 1.38.
var wantOld = []string{
	"api/deprecated live example.com/v1alpha1 Widget old field manager e2e-writer",
	"api/deprecated live v1 Endpoints external field manager e2e-writer",
	"api/deprecated live resource.k8s.io/v1beta2 DeviceClass class-v1beta2 field manager e2e-writer",
	"api/removed live networking.k8s.io/v1beta1 ServiceCIDR extra field manager e2e-writer",
	"api/removed live resource.k8s.io/v1beta1 DeviceClass class-v1beta1 field manager e2e-writer",
	"api/removed live storage.k8s.io/v1beta1 VolumeAttributesClass gold field manager e2e-writer",
	"crd/deprecated live apiextensions.k8s.io/v1 CustomResourceDefinition widgets.example.com",
	"crd/unserved live apiextensions.k8s.io/v1 CustomResourceDefinition widgets.example.com",
}

// grant gives a user the roles of docs/clusterrole.yaml, named by their part of it, and the widgets of the test.
func grant(t *testing.T, c *cluster, user string, roles ...string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/clusterrole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	api := "/apis/rbac.authorization.k8s.io/v1"
	for document := range strings.SplitSeq(string(page), "\n---\n") {
		for _, role := range roles {
			if strings.Contains(document, "name: "+role+"\n") {
				c.try(t, "admin", http.MethodPost, api+"/clusterroles", document)
			}
		}
	}
	c.try(
		t,
		"admin",
		http.MethodPost,
		api+"/clusterroles",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: widgets}\n"+
			"rules: [{apiGroups: [example.com], resources: [widgets], verbs: [list]}]\n",
	)
	for _, role := range append(roles, "widgets") {
		c.do(
			t,
			"admin",
			http.MethodPost,
			api+"/clusterrolebindings",
			fmt.Sprintf("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"+
				"metadata: {name: %s-%s}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}\nsubjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]\n",
				user, role, role, user),
		)
	}
}

// TestE2EScanLive scans a real server as a user who has exactly the shipped ClusterRole, as one who has less, and reads
// in the server's audit log that nothing was written.
func TestE2EScanLive(t *testing.T) {
	c := startCluster(t, []string{"scanner", "limited", "local"}, "--emulated-version=1.34", "--runtime-config=api/all=true")
	oldObjects(t, c)
	grant(t, c, "scanner", "treadmill-scan")

	t.Run("the shipped role suffices", func(t *testing.T) {
		status, s := scanCluster(t, c, "--context", "scanner", "--to", "1.38")
		if got := s.lines(); status != 1 || !slices.Equal(got, sorted(wantOld)) {
			t.Errorf("status %d, findings\n%s\nwant\n%s", status, strings.Join(got, "\n"), strings.Join(sorted(wantOld), "\n"))
		}
	})
	t.Run("what a user may not see is named", func(t *testing.T) {
		status, s := scanCluster(t, c, "--context", "limited", "--to", "1.38")
		got := strings.Join(s.lines(), "\n")
		if status != 3 || !strings.Contains(got, "input/unread") {
			t.Errorf("status %d, findings\n%s", status, got)
		}
		for _, name := range []string{"deviceclasses.resource.k8s.io", "customresourcedefinitions.apiextensions.k8s.io", "endpoints"} {
			if !s.gap("context limited", name) {
				t.Errorf("no gap names %s", name)
			}
		}
	})
	t.Run("a role in one namespace", func(t *testing.T) {
		c.do(
			t,
			"admin",
			http.MethodPost,
			"/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"+
				"metadata: {name: local}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: treadmill-scan}\n"+
				"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: local}]\n",
		)
		status, s := scanCluster(t, c, "--context", "local", "-n", "default", "--to", "1.38", "--fail-on", "warning")
		if got := s.lines(); status != 1 || !slices.Equal(got, []string{"api/deprecated live v1 Endpoints external field manager e2e-writer"}) {
			t.Errorf("status %d, findings\n%s", status, strings.Join(got, "\n"))
		}
		if status, s := scanCluster(t, c, "--context", "local", "-n", "kube-system"); status != 3 || !s.gap("context local", "endpoints") {
			t.Errorf("another namespace: status %d\n%s", status, strings.Join(s.lines(), "\n"))
		}
		if status, _ := scanCluster(t, c, "--context", "admin", "-n", "gone"); status != 3 {
			t.Errorf("a namespace that is not there: status %d", status)
		}
	})
	t.Run("evidence of one object", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "class.yaml")
		write(t, file, "apiVersion: resource.k8s.io/v1beta1\nkind: DeviceClass\nmetadata: {name: class-v1beta1}\nspec: {}\n")
		_, s := scanCluster(t, c, file, "--live", "--context", "scanner", "--metrics", "live", "--audit-log", c.audit, "--to", "1.38")
		n := 0
		for _, f := range s.Findings {
			if f.Kind != "DeviceClass" || f.APIVersion != "resource.k8s.io/v1beta1" {
				continue
			}
			n++
			var seen []string
			for _, also := range f.AlsoSeen {
				seen = append(seen, also.Source)
			}
			slices.Sort(seen)
			if f.File != file || f.Owner != "field manager e2e-writer" || !slices.Equal(slices.Compact(seen), []string{"audit", "live", "metrics"}) {
				t.Errorf("%+v", f)
			}
		}
		if n != 1 {
			t.Errorf("%d findings about one object", n)
		}
	})
	t.Run("contexts side by side", func(t *testing.T) {
		status, s := scanCluster(t, c, "--context", "scanner", "--context", "admin", "--to", "1.38")
		if status != 1 || len(s.Findings) != 2*len(wantOld) {
			t.Errorf("status %d, %d findings", status, len(s.Findings))
		}
	})
	t.Run("metrics", func(t *testing.T) {
		_, s := scanCluster(t, c, "--context", "scanner", "--metrics", "live", "--to", "1.38")
		got := strings.Join(s.lines(), "\n")
		for _, want := range []string{"api/removed metrics resource.k8s.io/v1beta1 DeviceClass", "api/deprecated metrics v1 Endpoints",
			"api/deprecated metrics example.com/v1alpha1 widgets"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
	})
	t.Run("audit log", func(t *testing.T) {
		_, s := scanCluster(t, c, "--audit-log", c.audit, "--to", "1.38")
		got := strings.Join(s.lines(), "\n")
		if want := "api/removed audit resource.k8s.io/v1beta1 DeviceClass  e2e-writer/1.0 as admin"; !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
		if strings.Contains(got, "treadmill") || strings.Contains(got, "kube-apiserver") {
			t.Errorf("own calls or those of the control plane in\n%s", got)
		}
	})
	t.Run("nothing was written", func(t *testing.T) { onlyReads(t, c) })
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// onlyReads reads the audit log for what treadmill called.
func onlyReads(t *testing.T, c *cluster) {
	t.Helper()
	data, err := os.ReadFile(c.audit)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for line := range bytes.Lines(data) {
		var e struct{ Verb, UserAgent, RequestURI string }
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(e.UserAgent, "treadmill") {
			continue
		}
		calls++
		if e.Verb != "get" && e.Verb != "list" {
			t.Errorf("treadmill called %s %s", e.Verb, e.RequestURI)
		}
	}
	if calls < 10 {
		t.Errorf("only %d calls of treadmill in the audit log", calls)
	}
}
