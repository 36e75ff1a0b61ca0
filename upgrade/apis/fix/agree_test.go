package fix_test

import (
	"fmt"
	"testing"

	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
)

// minimal are objects that the rules take, where an empty one is not enough.
func minimal() map[string]string {
	workload := `, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}}}`
	return map[string]string{
		"Deployment": workload, "DaemonSet": workload, "ReplicaSet": workload, "StatefulSet": workload,
		"CustomResourceDefinition":  `, "spec": {"group": "example.com", "version": "v1", "scope": "Namespaced", "preserveUnknownFields": false, "validation": {"openAPIV3Schema": {"type": "object"}}}`,
		"Event":                     `, "eventTime": "2026-11-23T00:00:00.000000Z", "reportingController": "a", "reportingInstance": "b", "action": "c", "reason": "d", "type": "Normal"`,
		"RuntimeClass":              `, "spec": {"runtimeHandler": "runsc"}, "handler": "runsc"`,
		"CertificateSigningRequest": `, "spec": {"signerName": "example.com/a", "usages": ["client auth"]}`,
		"LeaseCandidate":            `, "spec": {"binaryVersion": "1.37"}`,
	}
}

// TestScanAndFixAgree writes every API that goes and fixes it: what scan calls fixable is rewritten, and nothing else.
func TestScanAndFixAgree(t *testing.T) {
	table := load(t)
	for _, api := range table.APIs {
		if !table.Fading([]byte(api.APIVersion()), []byte(api.Kind)) {
			continue
		}
		spec := minimal()[api.Kind]
		if api.Kind == "RuntimeClass" && api.Version == "v1alpha1" {
			spec = `, "spec": {"runtimeHandler": "runsc"}`
		}
		text := []byte(fmt.Sprintf(`{"apiVersion": %q, "kind": %q, "metadata": {"name": "x"}%s}`, api.APIVersion(), api.Kind, spec))
		found := scan.Find(read(t, table, "f", text).Objects, table, table.Last())
		got := run(t, table, "f", text)
		if len(found) != 1 || len(got.Changes)+len(got.Findings) == 0 {
			t.Fatalf("%s: found %v, fixed %v", api.GVK, found, got)
		}
		want := api.Rewrite != lifecycle.Never && replacementLives(table, api)
		if rewritten := len(got.Changes) == 1; rewritten != want || found[0].Fixable != (api.Rewrite != lifecycle.Never) {
			t.Errorf("%s: rewrite %s, fixable %v, rewritten %v: %v", api.GVK, api.Rewrite, found[0].Fixable, rewritten, got.Findings)
		}
		promises(t, table, "f", text, got)
	}
}

func replacementLives(table *lifecycle.Table, api lifecycle.API) bool {
	to, ok := table.Find(api.Replacement)
	return ok && !to.RemovedAt(table.Last())
}
