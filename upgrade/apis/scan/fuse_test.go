package scan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/scan"
)

// budget is a PodDisruptionBudget of policy/v1beta1 as a source sees it.
func budget(source object.Source, file string, line int, namespace, name, owner string) object.Object {
	return object.Object{
		Source:     source,
		APIVersion: "policy/v1beta1",
		Kind:       "PodDisruptionBudget",
		Namespace:  namespace,
		Name:       name,
		Owner:      owner,
		GitOps:     strings.HasPrefix(owner, "Argo"),
		Position:   diag.Position{File: file, Line: line},
	}
}

func TestFuse(t *testing.T) {
	file := func(f, namespace, name string) object.Object {
		return budget(object.File, f, 1, namespace, name, "")
	}
	live := func(context, namespace, name string) object.Object {
		return budget(object.Live, "context "+context, 0, namespace, name, "field manager kubectl")
	}
	release := func(context, namespace, name string) object.Object {
		return budget(object.Release, "context "+context+": release "+namespace+"/web", 0, namespace, name, "Helm release web")
	}
	metric := budget(object.Metrics, "m.txt", 0, "", "", "")
	for name, c := range map[string]struct {
		objects []object.Object
		want    string // of each finding: place, owner, where else it was seen
	}{
		"file, release and two clusters": {
			[]object.Object{file("a.yaml", "", "web"), live("x", "shop", "web"), live("y", "shop", "web"), release("x", "shop", "web")},
			"a.yaml:1 by Helm release web, also context x, context x: release shop/web, context y"},
		"another namespace is another object": {
			[]object.Object{file("a.yaml", "shop", "web"), live("x", "test", "web")},
			"a.yaml:1 by , also \ncontext x by field manager kubectl, also "},
		"a file that names the namespace is nearer": {
			[]object.Object{file("a.yaml", "", "web"), file("b.yaml", "shop", "web"), live("x", "shop", "web")},
			"a.yaml:1 by , also \nb.yaml:1 by field manager kubectl, also context x"},
		"files that could both be meant": {
			[]object.Object{file("a.yaml", "", "web"), file("b.yaml", "", "web"), live("x", "shop", "web"), release("x", "shop", "web")},
			"a.yaml:1 by , also \nb.yaml:1 by , also \ncontext x by Helm release web, also context x: release shop/web"},
		"clusters alone": {
			[]object.Object{live("x", "shop", "web"), live("y", "shop", "web")},
			"context x by field manager kubectl, also \ncontext y by field manager kubectl, also "},
		"those who deploy a file": {
			[]object.Object{file("a.yaml", "", "web"), budget(object.File, "a.yaml", 1, "", "web", "Argo b"),
				budget(object.File, "a.yaml", 1, "", "web", "Argo a")},
			"a.yaml:1 by Argo a, Argo b, also "},
		"a chart as it is deployed, and one of the objects in a cluster": {
			[]object.Object{budget(object.Helm, "t.yaml", 1, "", "web", "chart web"), budget(object.Helm, "t.yaml", 1, "", "a", "Argo a"),
				budget(object.Helm, "t.yaml", 1, "", "b", "Argo b"), live("x", "shop", "b")},
			"t.yaml:1 by Argo a, Argo b, also context x"},
		"one line of a chart that makes several objects": {
			[]object.Object{budget(object.Helm, "t.yaml", 1, "", "a", "chart web"), budget(object.Helm, "t.yaml", 1, "", "b", "chart web")},
			"t.yaml:1 by chart web, also \nt.yaml:1 by chart web, also "},
		"calls by a field manager": {
			[]object.Object{live("x", "shop", "web"), budget(object.Audit, "log", 3, "", "", "kubectl/v1.30 as jane"),
				budget(object.Audit, "log", 4, "", "", "lister/1 as jane")},
			"context x by field manager kubectl, also log:3\nlog:4 by lister/1 as jane, also "},
		"a metric beside a cluster": {
			[]object.Object{live("x", "shop", "web"), metric}, "context x by field manager kubectl, also m.txt"},
		"a metric of another cluster": {
			[]object.Object{live("x", "shop", "web"), budget(object.Metrics, "context y: /metrics", 0, "", "", "")},
			"context x by field manager kubectl, also \ncontext y: /metrics by , also "},
		"a metric beside files says that there is more": {
			[]object.Object{file("a.yaml", "", "web"), metric}, "a.yaml:1 by , also \nm.txt by , also "},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := lifecycle.Load()
			if err != nil {
				t.Fatal(err)
			}
			for range 5 { // the order of what comes in does not matter
				rand.Shuffle(len(c.objects), func(i, j int) { c.objects[i], c.objects[j] = c.objects[j], c.objects[i] })
				var got []string
				for _, f := range scan.Fuse(scan.Find(c.objects, table, upgrade.V1(37))) {
					got = append(got, fmt.Sprintf("%s by %s, also %s", f.Position, f.Owner, f.Elsewhere()))
					if also := f.Elsewhere(); also != "" && !strings.HasSuffix(f.Message, "; also seen in "+also) {
						t.Errorf("the message %q does not end with %q", f.Message, also)
					}
				}
				if s := strings.Join(got, "\n"); s != c.want {
					t.Fatalf("got\n%s\nwant\n%s", s, c.want)
				}
			}
		})
	}
}
