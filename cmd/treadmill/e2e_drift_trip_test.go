//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"treadmill/upgrade/apis/lifecycle"
)

// apply applies an object as Argo CD and Flux do, on the side of the server, and returns what is there then.
func (c *cluster) apply(t *testing.T, path, query, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, c.url+path+"?force=true&"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer admin")
	req.Header.Set("Content-Type", "application/apply-patch+yaml")
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	var object map[string]any
	if err != nil || resp.StatusCode > http.StatusCreated || json.Unmarshal(answer, &object) != nil {
		t.Fatalf("%s: %d %v %s", path, resp.StatusCode, err, answer)
	}
	delete(object, "status") // controllers write it, whenever they like
	if meta, ok := object["metadata"].(map[string]any); ok {
		delete(meta, "managedFields") // it has the time of the request
		delete(meta, "resourceVersion")
	}
	return object
}

// TestE2EDriftRoundTrips makes three objects of each kind of testdata/drift/kinds.yaml from files, by the managers of Argo CD, Flux and
// Helm. By the server's own word nothing differs: applying the files again, as a dry run, changes no object. Neither may drift find a
// difference; and when one object in three is written through another version, these alone.
func TestE2EDriftRoundTrips(t *testing.T) {
	c := startCluster(t, []string{"scanner"}, "--runtime-config=resource.k8s.io/v1beta2=true")
	grant(t, c, "scanner", "treadmill-scan")
	text, err := os.ReadFile("../../testdata/drift/kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	dir, kinds, n := t.TempDir(), map[string]bool{}, 0
	for i, manager := range []string{"argocd-controller", "kustomize-controller", "helm"} {
		for k, doc := range strings.Split(string(text), "\n---\n") {
			doc = strings.Replace(doc, "name: shop", fmt.Sprintf("name: shop-%d", i), 1)
			write(t, filepath.Join(dir, fmt.Sprintf("%d-%d.yaml", i, k)), doc)
			path, what := postPath(t, table, doc)
			name := what[strings.LastIndexByte(what, ' ')+1:]
			kinds[strings.Fields(what)[1]] = true
			n++
			made := c.apply(t, path+"/"+name, "fieldManager="+manager, doc)
			if again := c.apply(t, path+"/"+name, "dryRun=All&fieldManager="+manager, doc); !reflect.DeepEqual(made, again) {
				t.Errorf("%s: the server says that applying it again changes it\n%v\n%v", what, made, again)
			}
		}
	}
	if n < 100 || len(kinds) < 30 {
		t.Fatalf("%d objects of %d kinds", n, len(kinds))
	}
	if found := c.apart(t, dir); len(found) > 0 {
		t.Errorf("%d of %d objects are apart: %v", len(found), n, found)
	}
	for path, doc := range map[string]string{
		"/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/shop-1": hpa("v1", 1, 5),
		"/apis/resource.k8s.io/v1beta2/deviceclasses/shop-1": "apiVersion: resource.k8s.io/v1beta2\nkind: DeviceClass\nmetadata: {name: shop-1}\n" +
			"spec: {selectors: [{cel: {expression: 'false'}}]}\n",
	} {
		c.apply(t, path, "fieldManager=by-hand", strings.Replace(doc, "web-1", "shop-1", 1))
	}
	if found := c.apart(t, dir); len(found) != 2 {
		t.Errorf("two objects were written through another version: %v", found)
	}
	onlyReads(t, c)
}

// apart are the objects of a cluster that drift finds apart from the files of a folder.
func (c *cluster) apart(t *testing.T, dir string) []string {
	t.Helper()
	var got struct {
		Findings []struct{ ID, Subject, Message string }
	}
	out := capture(t, []string{"treadmill", "drift", "--manifests", dir, "--kubeconfig", c.kubeconfig, "--context", "scanner", "-o", "json"})
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var found []string
	for _, f := range got.Findings {
		found = append(found, f.ID+" "+f.Subject+": "+f.Message)
	}
	return found
}
