//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fill creates n resource claims, each fiftieth of them through v1beta1, several at a time.
func fill(t *testing.T, c *cluster, n int) {
	t.Helper()
	numbers := make(chan int)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range numbers {
				version, request := "v1", "{name: gpu, exactly: {deviceClassName: gpu.example.com}}"
				if i%50 == 0 {
					version, request = "v1beta1", "{name: gpu, deviceClassName: gpu.example.com}"
				}
				status, answer := c.try(
					t,
					"admin",
					http.MethodPost,
					"/apis/resource.k8s.io/"+version+"/namespaces/default/resourceclaims",
					fmt.Sprintf(
						"apiVersion: resource.k8s.io/%s\nkind: ResourceClaim\nmetadata:\n  name: claim-%06d\n  labels: {app.kubernetes.io/name: train, app.kubernetes.io/part-of: models}\n"+
							"  annotations: {example.com/notes: %q}\nspec: {devices: {requests: [%s]}}\n",
						version,
						i,
						strings.Repeat("lorem ipsum ", 30),
						request,
					),
				)
				if status != http.StatusCreated {
					t.Errorf("claim %d: %d %s", i, status, answer)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	wait.Wait()
}

// between starts a server between treadmill and the cluster, which calls watch with the number of each request for claims.
// It returns a cluster whose kubeconfig leads there.
func between(t *testing.T, c *cluster, watch func(call int64)) *cluster {
	t.Helper()
	target, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: c.http.Transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }}
	var calls atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/resourceclaims") {
			watch(calls.Add(1))
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	through := *c
	through.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	write(t, through.kubeconfig, kubeconfigOf(server.URL, "admin"))
	return &through
}

// claims counts the findings about resource claims.
func (s scanned) claims() int {
	n := 0
	for _, f := range s.Findings {
		if f.Kind == "ResourceClaim" && f.ID == "api/removed" {
			n++
		}
	}
	return n
}

// answered reports whether the server answered treadmill with a status, by its audit log.
func answered(t *testing.T, audit string, status int) bool {
	t.Helper()
	data, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, `"userAgent":"treadmill"`) && strings.Contains(line, fmt.Sprintf(`"code":%d`, status)) {
			return true
		}
	}
	return false
}

// TestE2EScanTrouble kills the server in the middle of a scan, throttles it, and measures a large one. MANY says how many
// objects there are.
func TestE2EScanTrouble(t *testing.T) {
	outer, many := t, 2500
	if n, err := strconv.Atoi(os.Getenv("MANY")); err == nil {
		many = n
	}
	c := startCluster(t, []string{"scanner"}, "--emulated-version=1.34", "--runtime-config=api/all=true")
	begin := time.Now()
	fill(t, c, many)
	t.Logf("%d objects created in %s", many, time.Since(begin).Round(time.Second))
	grant(t, c, "scanner", "treadmill-scan")

	t.Run("large", func(t *testing.T) {
		cmd := exec.CommandContext(
			t.Context(),
			"treadmill",
			"upgrade",
			"scan",
			"--kubeconfig",
			c.kubeconfig,
			"--live",
			"--to",
			"1.38",
			"-o",
			"csv",
		)
		begin := time.Now()
		out, err := cmd.Output()
		if n := strings.Count(string(out), "resource.k8s.io/v1beta1 ResourceClaim"); n != (many+49)/50 {
			t.Errorf("%d findings of %d: %v", n, (many+49)/50, err)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		t.Logf("%d objects scanned in %s, %d MiB", many, time.Since(begin).Round(10*time.Millisecond), usage.Maxrss>>10)
	})
	t.Run("throttled", func(t *testing.T) {
		api := "/apis/flowcontrol.apiserver.k8s.io/v1/"
		c.do(
			t,
			"admin",
			http.MethodPost,
			api+"prioritylevelconfigurations",
			"apiVersion: flowcontrol.apiserver.k8s.io/v1\nkind: PriorityLevelConfiguration\n"+
				"metadata: {name: none}\nspec: {type: Limited, limited: {nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: {type: Reject}}}\n",
		)
		c.do(
			t,
			"admin",
			http.MethodPost,
			api+"flowschemas",
			"apiVersion: flowcontrol.apiserver.k8s.io/v1\nkind: FlowSchema\nmetadata: {name: none}\n"+
				"spec: {matchingPrecedence: 2, priorityLevelConfiguration: {name: none}, rules: [{subjects: [{kind: User, user: {name: scanner}}],\n"+
				"  resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true}]}]}\n",
		)
		// The level has room for one request at a time: others keep it busy, so that those of the scan are refused.
		stop := time.Now().Add(2 * time.Second)
		var wait sync.WaitGroup
		defer wait.Wait()
		var busy sync.Once
		full := make(chan struct{})
		for range 4 {
			wait.Go(func() {
				for time.Now().Before(stop) {
					if status, _ := c.try(t, "scanner", http.MethodGet, "/apis/resource.k8s.io/v1/resourceclaims",
						""); status == http.StatusTooManyRequests {
						busy.Do(func() { close(full) })
						time.Sleep(5 * time.Millisecond)
					}
				}
			})
		}
		await(t, c.api, 10*time.Second, func() bool {
			select {
			case <-full:
				return true
			default:
				return false
			}
		})
		if status, s := scanCluster(t, c, "--context", "scanner", "--to", "1.38"); status != 1 || s.claims() != (many+49)/50 {
			t.Errorf("status %d, %d findings", status, s.claims())
		}
		if !answered(t, c.audit, http.StatusTooManyRequests) {
			t.Error("the server refused nothing of the scan")
		}
	})
	t.Run("killed and back", func(t *testing.T) {
		through := between(t, c, func(call int64) {
			if call == 2 {
				c.api.stop()
				go c.start(outer) // beyond the end of this part
			}
		})
		if status, s := scanCluster(t, through, "--live", "--to", "1.38"); status != 1 || s.claims() != (many+49)/50 {
			t.Errorf("status %d, %d findings", status, s.claims())
		}
	})
	t.Run("killed for good", func(t *testing.T) {
		await(t, c.api, time.Minute, func() bool { return answers(c.http, c.url+"/readyz", "ok") })
		through := between(t, c, func(call int64) {
			if call == 2 {
				c.api.stop()
			}
		})
		status, s := scanCluster(t, through, "--live", "--to", "1.38")
		if status != 3 || s.claims() != 0 || !s.gap("context admin", "resourceclaims.resource.k8s.io") {
			t.Errorf("status %d, %d findings\n%+v", status, s.claims(), s.Findings)
		}
	})
}

// TestE2EScanExpired lets the continue token of a list expire between two of its pages, by a server that compacts its history
// each second: the scan goes on and misses nothing.
func TestE2EScanExpired(t *testing.T) {
	const many = 1100
	c := startCluster(
		t,
		nil,
		"--emulated-version=1.34",
		"--runtime-config=api/all=true",
		"--etcd-compaction-interval=1s",
		"--watch-cache=false",
	)
	fill(t, c, many)
	const list = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims?limit=1"
	through := between(t, c, func(call int64) {
		if call != 2 {
			return
		}
		var first struct{ Metadata struct{ Continue string } }
		if err := json.Unmarshal([]byte(c.do(t, "admin", http.MethodGet, list, "")), &first); err != nil {
			t.Error(err)
		}
		for n := range 120 { // a token younger than that of the scan
			c.try(
				t,
				"admin",
				http.MethodPost,
				"/api/v1/namespaces/default/configmaps",
				fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tick-%d}\n", n),
			)
			if status, _ := c.try(t, "admin", http.MethodGet, list+"&continue="+url.QueryEscape(first.Metadata.Continue),
				""); status == http.StatusGone {
				return
			}
			time.Sleep(250 * time.Millisecond)
		}
		t.Error("the token does not expire")
	})
	if status, s := scanCluster(t, through, "--live", "--to", "1.38"); status != 1 || s.claims() != (many+49)/50 {
		t.Errorf("status %d, %d findings of %d", status, s.claims(), (many+49)/50)
	}
	if !answered(t, c.audit, http.StatusGone) {
		t.Error("no token of the scan expired")
	}
	onlyReads(t, c)
}

// TestE2EScanReleases installs a chart with the real Helm, twice, and scans what it has stored.
func TestE2EScanReleases(t *testing.T) {
	helm := program(t, "helm")
	c := startCluster(t, []string{"scanner", "reader"}, "--emulated-version=1.34", "--runtime-config=api/all=true")
	chart := t.TempDir()
	write(t, filepath.Join(chart, "Chart.yaml"), "apiVersion: v2\nname: gpus\nversion: 0.3.1\n")
	write(t, filepath.Join(chart, "values.yaml"), "password: hunter2\napi: v1beta1\n")
	if err := os.Mkdir(filepath.Join(chart, "templates"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(
		t,
		filepath.Join(chart, "templates", "class.yaml"),
		"apiVersion: resource.k8s.io/{{ .Values.api }}\nkind: DeviceClass\nmetadata: {name: gpu, labels: {a: b}}\nspec: {}\n",
	)
	run := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), helm, append(args, "--kubeconfig", c.kubeconfig)...)
		cmd.Env = append(os.Environ(), "HELM_CONFIG_HOME="+t.TempDir(), "HELM_CACHE_HOME="+t.TempDir(), "HELM_DATA_HOME="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("helm %v: %v\n%s", args, err, out)
		}
	}
	run("install", "gpus", chart)
	c.do(t, "admin", http.MethodPost, "/api/v1/namespaces/default/secrets", "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\n"+
		"metadata: {name: sh.helm.release.v1.broken.v1, labels: {owner: helm, name: broken, status: deployed, version: '1'}}\nstringData: {release: hunter2}\n")
	grant(t, c, "scanner", "treadmill-scan")
	grant(t, c, "reader", "treadmill-releases")

	const found = "api/removed release resource.k8s.io/v1beta1 DeviceClass gpu Helm release default/gpus (chart gpus-0.3.1, revision 1)"
	status, s := scanCluster(t, c, "--releases", "--context", "reader", "--to", "1.38")
	if lines := s.lines(); status != 3 || !slices.Contains(lines, found) || !s.gap("context reader", "Helm release default/broken") {
		t.Errorf("status %d\n%s", status, strings.Join(lines, "\n"))
	}
	for _, f := range s.Findings {
		if strings.Contains(f.Message, "hunter2") {
			t.Errorf("a secret's content is shown: %s", f.Message)
		}
	}
	if status, s = scanCluster(t, c, "--releases", "--context", "scanner"); status != 3 ||
		!s.gap("context scanner", "Helm releases in secrets") {
		t.Errorf("without rights: status %d\n%s", status, strings.Join(s.lines(), "\n"))
	}
	// The object itself, and the release that would apply it again, are one finding.
	_, s = scanCluster(t, c, "--releases", "--live", "--context", "admin", "--to", "1.38")
	n := 0
	for _, f := range s.Findings {
		if f.Name == "gpu" {
			if n++; f.Source != "live" || !strings.HasPrefix(f.Owner, "Helm release default/gpus") || len(f.AlsoSeen) != 1 ||
				f.AlsoSeen[0].Source != "release" {
				t.Errorf("%+v", f)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d findings about one object:\n%s", n, strings.Join(s.lines(), "\n"))
	}
	run("upgrade", "gpus", chart, "--set", "api=v1beta2")
	if _, s = scanCluster(t, c, "--releases", "--live", "--context", "admin", "--to", "1.38"); slices.Contains(s.lines(), found) {
		t.Errorf("an old revision counts:\n%s", strings.Join(s.lines(), "\n"))
	}
	onlyReads(t, c)
}
