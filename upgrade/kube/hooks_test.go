package kube

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestClosedHooks has webhooks that differ from the first in one field: which of them are called when a pod is made, and which of
// those for a pod in kube-system too.
func TestClosedHooks(t *testing.T) {
	const rule = `"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]`
	with := func(from, to string) string { return `{"rules":[{` + strings.Replace(rule, from, to, 1) + `}]}` }
	and := func(fields string) string { return `{` + fields + `,"rules":[{` + rule + `}]}` }
	spaces := func(selector string) string { return and(`"namespaceSelector":{` + selector + `}`) }
	in := func(key, operator, values string) string {
		return spaces(`"matchExpressions":[{"key":"` + key + `","operator":"` + operator + `","values":[` + values + `]}]`)
	}
	const name = "kubernetes.io/metadata.name"
	for hook, want := range map[string]string{
		with("", ""):        "everywhere",
		with("CREATE", "*"): "everywhere", with("CREATE", "DELETE"): "", with("CREATE", "UPDATE"): "", with(`["CREATE"]`, `["DELETE","CREATE"]`): "everywhere",
		with(`[""]`, `["*"]`): "everywhere", with(`[""]`, `["apps"]`): "", with("v1", "*"): "everywhere", with("v1", "v1beta1"): "",
		with("pods", "*"): "everywhere", with("pods", "*/*"): "everywhere", with("pods", "pods/*"): "everywhere", with("pods", "pods/exec"): "",
		with("pods", "deployments"): "", with("pods", "*/scale"): "",
		with(`["pods"]`, `["pods"],"scope":"Cluster"`): "", with(`["pods"]`, `["pods"],"scope":"Namespaced"`): "everywhere",
		with(`["pods"]`, `["pods"],"scope":"*"`): "everywhere",
		and(`"failurePolicy":"Ignore"`):          "", and(`"failurePolicy":"Fail"`): "everywhere",
		and(`"matchConditions":[{}]`): "elsewhere", and(`"objectSelector":{"matchLabels":{"a":"b"}}`): "elsewhere", and(`"objectSelector":{}`): "everywhere",
		spaces(""): "everywhere", spaces(`"matchLabels":{"a":"b"}`): "elsewhere", spaces(`"matchLabels":{"` + name + `":"kube-system"}`): "everywhere",
		in(name, "NotIn", `"kube-system"`): "elsewhere", in(name, "NotIn", `"a"`): "everywhere", in("a", "NotIn", `"b"`): "everywhere",
		in(name, "In", `"a","kube-system"`): "everywhere", in(name, "In", `"a"`): "elsewhere",
		in(name, "DoesNotExist", ""): "elsewhere", in("a", "DoesNotExist", ""): "everywhere", in(name, "Exists", ""): "everywhere",
		in("a", "Exists", ""): "elsewhere",
	} {
		var config hookConfig
		if err := json.Unmarshal([]byte(`{"webhooks":[`+hook+`]}`), &config); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, h := range closedHooks(config) {
			if got = "elsewhere"; h.Everywhere {
				got = "everywhere"
			}
		}
		if got != want {
			t.Errorf("%s: called %q, want %q", hook, got, want)
		}
	}
}
