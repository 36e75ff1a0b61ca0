package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDriftMorning is the morning that docs/drift.md tells, with its fleet and its spec, on servers of this machine: what the page shows
// is what the commands say. UPDATE_GOLDEN=1 writes it.
func TestDriftMorning(t *testing.T) {
	page, err := filepath.Abs(filepath.Join("..", "..", "..", "docs", "drift.md"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, morning, ok := strings.Cut(string(text), "## A morning with three drifts")
	if !ok {
		t.Fatal("the page tells no morning")
	}
	blocks := strings.Split(morning, "```")
	fleet, spec := strings.TrimPrefix(blocks[1], "yaml\n"), strings.TrimPrefix(blocks[3], "yaml\n")
	made := generatedRules(t, spec)
	eu := eks("1.35", []string{node("a", "general", "v1.35.2")}, "quay.io/jetstack/cert-manager-controller:v1.18.2")
	us := eks("1.34", []string{node("a", "general", "v1.34.4")}, "quay.io/jetstack/cert-manager-controller:v1.19.1")
	eu[rulesPath] = items(asObject(t, made, "shop", "kubectl-edit", "14.4", "20"))
	us[rulesPath] = items(asObject(t, made, "shop", "argocd-controller"))
	config := kubeconfig(t, map[string]string{"shop-eu": apiServer(t, eu), "shop-us": apiServer(t, us)})
	t.Chdir(t.TempDir())
	for name, data := range map[string]string{"fleet.yaml": fleet, "checkout.yaml": spec} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(words string) string {
		got := run(nil, append(strings.Fields(words), "--kubeconfig", config)...)
		out := "text\n$ treadmill " + words + "\n" + got.stdout + got.stderr
		if got.status != 0 {
			out += "# exit status " + string(rune('0'+got.status)) + "\n"
		}
		return strings.ReplaceAll(out, config, "config")
	}
	want := []string{5: shown("drift -f fleet.yaml --slo checkout.yaml"), 7: shown("drift -f fleet.yaml --write")}
	edited := items(asObject(t, made, "shop", "argocd-controller"))
	eu[rulesPath] = edited // somebody has synced the cluster
	want = append(want, "", shown("drift -f fleet.yaml --slo checkout.yaml"))
	for _, i := range []int{5, 7, 9} {
		if blocks[i] != want[i] && os.Getenv("UPDATE_GOLDEN") == "" {
			t.Errorf("the page shows\n%s\nand it is\n%s", blocks[i], want[i])
		}
		blocks[i] = want[i]
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		before, _, _ := strings.Cut(string(text), "## A morning with three drifts")
		if err := os.WriteFile(page, []byte(before+"## A morning with three drifts"+strings.Join(blocks, "```")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
