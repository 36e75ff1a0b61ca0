package live_test

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/apis/lifecycle"
)

// TestClusterRoleIsComplete holds docs/clusterrole.yaml against the catalogue: it may list every API that fades, has no
// verb but get and list, and reaches no secret.
func TestClusterRoleIsComplete(t *testing.T) {
	page, err := os.ReadFile("../../../docs/clusterrole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var role struct {
		Rules []struct {
			APIGroups []string `yaml:"apiGroups"`
			Resources []string `yaml:"resources"`
			Verbs     []string `yaml:"verbs"`
		} `yaml:"rules"`
	}
	if err := yaml.NewDecoder(strings.NewReader(string(page))).Decode(&role); err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for _, r := range role.Rules {
		for _, v := range r.Verbs {
			if v != "get" && v != "list" {
				t.Errorf("the role grants %s", v)
			}
		}
		for _, g := range r.APIGroups {
			for _, resource := range r.Resources {
				granted[g+"/"+resource] = true
				if resource == "secrets" || resource == "*" {
					t.Errorf("the role reaches %s", resource)
				}
			}
		}
	}
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	computed := map[string]bool{"authentication.k8s.io": true, "authorization.k8s.io": true, "": true} // requests, not stored
	for _, a := range table.APIs {
		fades := !a.Deprecated.IsZero() || !a.Removed.IsZero()
		if fades && !computed[a.Group] && !granted[a.Group+"/"+a.Resource] {
			t.Errorf("the role lacks %s of %s", a.Resource, a.Group)
		}
	}
}
