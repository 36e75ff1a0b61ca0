package repo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	oldJob  = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: report}\n"
	oldRole = "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\nmetadata: {name: shop}\n"
	fine    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n"
	spec    = `version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    sli: {events: {error_query: 'sum(rate(shop_requests_total{code=~"5.."}[{{.window}}]))', total_query: 'sum(rate(shop_requests_total[{{.window}}]))'}}
    alerting: {page_alert: {}, ticket_alert: {}}
`
)

// pipeline runs a job as a pipeline does.
func pipeline(t *testing.T, dir string, env []string, args ...string) ran {
	t.Helper()
	script := filepath.Join(root(t), "ci", "treadmill.sh")
	return execute(
		t,
		dir,
		append([]string{"TREADMILL=" + treadmill(t), "GITHUB_ACTIONS=", "GITHUB_STEP_SUMMARY=", "BASE="}, env...),
		"sh",
		append([]string{script}, args...)...)
}

// Each job ends with the status of the program, and says why.
func TestJobsOfPipelines(t *testing.T) {
	rules := "groups:\n- name: a\n  rules:\n  - {alert: Slow, expr: apiserver_request_slo_duration_seconds_count > 1}\n"
	fleet := "version: 1\nclusters: [{name: shop, provider: eks, version: \"1.31\"}]\n"
	dir := repository(
		t,
		map[string]string{"old/job.yaml": oldJob, "fine/config.yaml": fine, "rules.yaml": rules, "fleet.yaml": fleet, "slos/shop.yaml": spec},
	)
	for _, c := range []struct {
		args   []string
		env    []string
		status int
		says   string
	}{
		{[]string{"scan", "fine"}, []string{"TO=1.38"}, 0, ""},
		{[]string{"scan", "old"}, []string{"TO=1.38"}, 1, "scan found problems (status 1)"},
		{[]string{"scan", "old"}, []string{"TO=1.20"}, 0, ""},
		{[]string{"scan", "old"}, []string{"TO=1.38", "ARGS=--fail-on info --allow-partial"}, 1, "scan found problems"},
		{[]string{"scan", "gone"}, nil, 3, "scan could not be done (status 3)"},
		{[]string{"scan", "fine", "--nonsense"}, nil, 2, "unknown flag"},
		{[]string{"lint", "rules.yaml"}, []string{"TO=1.37"}, 1, "lint found problems"},
		{[]string{"rules", "rules.yaml"}, []string{"BASE=HEAD"}, 0, ""},
		{[]string{"rules", "rules.yaml"}, []string{"BASE=nowhere"}, 2, `git does not know the revision "nowhere" here`},
		{[]string{"check", "fleet.yaml"}, []string{"WITHIN=30d"}, 1, "check found problems"},
		{[]string{"validate", "slos"}, nil, 0, ""},
		{[]string{"brew"}, nil, 2, `there is no job "brew"`},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := pipeline(t, dir, append(c.env, "REPORTS="+t.TempDir()), c.args...)
			if r.status != c.status || !strings.Contains(r.stderr, c.says) {
				t.Errorf("status %d, want %d and %q\n%s%s", r.status, c.status, c.says, r.stdout, r.stderr)
			}
		})
	}
}

// On GitHub lines are annotated, the summary is written, and reports are left for what reads them.
func TestReportsOfPipelines(t *testing.T) {
	dir, reports := repository(t, map[string]string{"job.yaml": oldJob}), t.TempDir()
	summary := filepath.Join(t.TempDir(), "summary.md")
	r := pipeline(
		t,
		dir,
		[]string{"TO=1.38", "REPORTS=" + reports, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary},
		"scan",
		"job.yaml",
	)
	if !strings.Contains(r.stdout, "::error title=api/removed,file=job.yaml,line=1") {
		t.Errorf("no line is annotated:\n%s", r.stdout)
	}
	if text := read(t, summary); !strings.Contains(text, "batch/v1beta1") {
		t.Errorf("summary: %s", text)
	}
	for _, name := range []string{"json", "sarif", "gitlab.json"} {
		if text := read(t, filepath.Join(reports, "treadmill-scan."+name)); !json.Valid([]byte(text)) {
			t.Errorf("%s is not JSON: %s", name, text)
		}
	}
}

// One comment joins the jobs of both sides; only what the pull request brings counts.
func TestOneReportOfAPullRequest(t *testing.T) {
	dir := repository(t, map[string]string{"deploy/job.yaml": oldJob, "slos/shop.yaml": spec})
	base := git(t, dir, "rev-parse", "HEAD")
	reports := t.TempDir()
	env := []string{"TO=1.38", "BASE=" + base, "REPORTS=" + reports}
	write(t, dir, map[string]string{"slos/shop.yaml": strings.Replace(spec, "99.9", "99.5", 1)})
	commit(t, dir, "another objective")
	if r := pipeline(t, dir, env, "report", "scan=deploy", "slos=slos"); r.status != 0 ||
		!strings.Contains(r.stdout, "objective: 99.5 %, was 99.9 %") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	write(t, dir, map[string]string{"deploy/role.yaml": oldRole})
	commit(t, dir, "an old role")
	if r := pipeline(t, dir, env, "report", "scan=deploy", "slos=slos"); r.status != 1 || !strings.Contains(r.stdout, "APIs: 1 new finding") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if text := read(t, filepath.Join(reports, "treadmill-report.comment.md")); !strings.Contains(text, "role.yaml") {
		t.Errorf("the comment: %s", text)
	}
	for _, c := range []struct {
		env, says string
		args      []string
		status    int
	}{
		{"BASE=nowhere", "there is no nowhere: fetch it", []string{"scan=deploy"}, 2},
		{"", `report does not know what "deploy" is`, []string{"deploy"}, 2},
		{"", "gone", []string{"scan=gone"}, 3},
	} {
		r := pipeline(t, dir, append(env, c.env), append([]string{"report"}, c.args...)...)
		if r.status != c.status || !strings.Contains(r.stderr, c.says) {
			t.Errorf("%v: status %d, want %d and %q\n%s", c.args, r.status, c.status, c.says, r.stderr)
		}
	}
}

// A pull request fails for what it brings, and not for what was there.
func TestOnlyNewFindingsOfAPullRequestCount(t *testing.T) {
	dir := repository(t, map[string]string{"deploy/job.yaml": oldJob})
	base := git(t, dir, "rev-parse", "HEAD")
	env := []string{"TO=1.38", "BASE=" + base, "REPORTS=" + t.TempDir()}
	write(t, dir, map[string]string{"deploy/config.yaml": fine, "deploy/job.yaml": "# moved down a line\n" + oldJob})
	commit(t, dir, "nothing old")
	if r := pipeline(t, dir, env, "scan", "deploy"); r.status != 0 {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	write(t, dir, map[string]string{"deploy/role.yaml": oldRole})
	commit(t, dir, "an old role")
	if r := pipeline(t, dir, env, "scan", "deploy"); r.status != 1 || strings.Contains(r.stdout, "job.yaml") ||
		!strings.Contains(r.stdout, "role.yaml") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if r := pipeline(t, dir, append(env, "BASE=0123456789012345678901234567890123456789"), "scan", "deploy"); r.status != 1 ||
		!strings.Contains(r.stderr, "every finding counts") {
		t.Errorf("an unknown base: status %d\n%s", r.status, r.stderr)
	}
	if left := git(t, dir, "worktree", "list"); strings.Count(left, "\n") > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// Lint annotates the lines that a pull request changes.
func TestLintOfAPullRequestTellsOfChangedLines(t *testing.T) {
	const old = "groups:\n- name: g\n  rules:\n  - {record: a, expr: 'rate(kubelet_running_pods[5m])'}\n"
	dir := repository(t, map[string]string{"rules/a.yaml": old})
	base := git(t, dir, "rev-parse", "HEAD")
	write(t, dir, map[string]string{"rules/a.yaml": old + "  - {record: b, expr: 'rate(kubelet_running_containers[5m])'}\n"})
	commit(t, dir, "another rule")
	env := []string{"TO=1.37", "BASE=" + base, "REPORTS=" + t.TempDir()}
	if r := pipeline(t, dir, env, "lint", "rules"); r.status != 0 || !strings.Contains(r.stdout, "a.yaml:5:") ||
		strings.Contains(r.stdout, "a.yaml:4:") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if r := pipeline(t, dir, append(env, "BASE=0123456789012345678901234567890123456789"), "lint",
		"rules"); !strings.Contains(r.stdout, "a.yaml:4:") ||
		!strings.Contains(r.stderr, "every finding counts") {
		t.Errorf("an unknown base: status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// Generated rules that are not those of the SLOs fail, with the difference.
func TestGenerateHoldsRulesToSLOs(t *testing.T) {
	dir := repository(t, map[string]string{"slos/shop.yaml": spec})
	env := []string{"OUT=rules", "REPORTS=" + t.TempDir()}
	if r := pipeline(t, dir, env, "generate", "slos"); r.status != 1 || !strings.Contains(r.stderr, "not those of the SLOs") {
		t.Errorf("rules that were never committed: status %d\n%s", r.status, r.stderr)
	}
	commit(t, dir, "rules")
	if r := pipeline(t, dir, env, "generate", "slos"); r.status != 0 {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	write(t, dir, map[string]string{"slos/shop.yaml": strings.Replace(spec, "99.9", "99.5", 1)})
	if r := pipeline(t, dir, env, "generate", "slos"); r.status != 1 || !strings.Contains(r.stdout, "\n-") ||
		!strings.Contains(r.stdout, "0.005") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// forge is an API of comments as GitHub and GitLab have it.
type forge struct {
	t        *testing.T
	auth     string
	comments []map[string]any
	calls    []string
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.calls = append(f.calls, r.Method+" "+r.URL.Path)
	if r.Header.Get("Authorization")+r.Header.Get("PRIVATE-TOKEN") != f.auth {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var sent map[string]any
	switch r.Method {
	case http.MethodGet:
		_ = json.NewEncoder(w).Encode(f.comments)
		return
	case http.MethodPost:
		sent = map[string]any{"id": 100 + len(f.comments)}
		f.comments = append(f.comments, sent)
	case http.MethodPatch, http.MethodPut:
		for _, c := range f.comments {
			if strings.HasSuffix(r.URL.Path, fmt.Sprint("/", c["id"])) {
				sent = c
			}
		}
	}
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || sent == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	sent["body"] = body["body"]
}

// A pull request has one comment of a job, which later runs replace; its text is at most what GitHub takes.
func TestCommentIsReplacedAndShortEnough(t *testing.T) {
	files := map[string]string{}
	for i := range 900 {
		files[fmt.Sprintf("deploy/a-folder-with-a-long-name-%04d/job.yaml", i)] = strings.Replace(
			oldJob,
			"report",
			fmt.Sprintf("report-\\\"%04d", i),
			1,
		)
	}
	dir := repository(t, files)
	for name, c := range map[string]struct {
		auth, list, change string
		env                []string
	}{
		"github": {"Bearer secret", "/repos/ops/shop/issues/7/comments", "PATCH /repos/ops/shop/issues/comments/101",
			[]string{"GITHUB_REPOSITORY=ops/shop", "GITHUB_REF=refs/pull/7/merge"}},
		"gitlab": {"secret", "/projects/3/merge_requests/7/notes", "PUT /projects/3/merge_requests/7/notes/101",
			[]string{"GITHUB_REPOSITORY=", "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=7"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &forge{t: t, auth: c.auth, comments: []map[string]any{{"id": 100, "body": "a person's: <!-- treadmill:scan -->"}}}
			server := httptest.NewServer(f)
			defer server.Close()
			env := append(
				c.env,
				"TO=1.38",
				"COMMENT_TOKEN=secret",
				"REPORTS="+t.TempDir(),
				"GITHUB_API_URL="+server.URL,
				"CI_API_V4_URL="+server.URL,
				"REPORT_URL=https://ci.example.org/run/1",
			)
			for range 2 {
				if r := pipeline(t, dir, env, "scan", "deploy"); r.status != 1 || strings.Contains(r.stderr, "could not be commented") {
					t.Fatalf("status %d\n%s", r.status, r.stderr)
				}
			}
			want := []string{"GET " + c.list, "POST " + c.list, "GET " + c.list, c.change}
			if fmt.Sprint(f.calls) != fmt.Sprint(want) || len(f.comments) != 2 {
				t.Errorf("calls %q, want %q; %d comments", f.calls, want, len(f.comments))
			}
			body := fmt.Sprint(f.comments[1]["body"])
			if len(body) > 65536 || len(body) < 40000 || !strings.HasPrefix(body, "<!-- treadmill:scan -->\n") ||
				!strings.Contains(body, "https://ci.example.org/run/1") {
				t.Errorf("%d bytes: %.300s", len(body), body)
			}
		})
	}
}

// A release is fetched, checked and unpacked; one that is not what the checksums say is refused.
func TestInstall(t *testing.T) {
	site, dir := t.TempDir(), t.TempDir()
	machine := execute(t, dir, nil, "uname", "-m")
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[strings.TrimSpace(machine.stdout)]
	folder := filepath.Join(site, "v0.1.0")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := "treadmill_0.1.0_linux_" + arch + ".tar.gz"
	script := fmt.Sprintf("tar -czf %s -C %s treadmill && sha256sum %s > checksums.txt", archive, filepath.Dir(treadmill(t)), archive)
	if r := execute(t, folder, nil, "sh", "-c", script); r.status != 0 {
		t.Fatal(r.stderr)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(site)))
	defer server.Close()
	install := filepath.Join(root(t), "ci", "install.sh")
	r := execute(t, dir, nil, "sh", install, server.URL, "v0.1.0", filepath.Join(dir, "bin"))
	if r.status != 0 || !strings.HasPrefix(r.stdout, "treadmill ") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	write(t, folder, map[string]string{"checksums.txt": strings.Repeat("0", 64) + "  " + archive + "\n"})
	if r := execute(t, dir, nil, "sh", install, server.URL, "v0.1.0", filepath.Join(dir, "other")); r.status != 3 ||
		!strings.Contains(r.stderr, "not what checksums.txt says") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "other", "treadmill")); err == nil {
		t.Error("what was refused is installed")
	}
}
