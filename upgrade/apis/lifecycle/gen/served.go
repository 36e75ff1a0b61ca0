package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"treadmill/internal/gomodule"
)

// served reads which kinds a release of k8s.io/kubernetes serves, with the names of their resources. Its OpenAPI
// document is written by an API server with every API switched on, so what it lacks is gone.
func served(m gomodule.Module) (map[gvk]string, error) {
	data, err := os.ReadFile(filepath.Join(m.Dir, "api", "openapi-spec", "swagger.json"))
	if err != nil {
		return nil, err
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: swagger.json: %w", m, err)
	}
	kinds := map[gvk]string{}
	for path, operations := range doc.Paths {
		resource, ok := resourceOf(path)
		if !ok {
			continue
		}
		for _, raw := range operations {
			var op struct {
				GVK *struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
			}
			if json.Unmarshal(raw, &op) != nil || op.GVK == nil {
				continue
			}
			kinds[gvk{op.GVK.Group, op.GVK.Version, op.GVK.Kind}] = resource
		}
	}
	return kinds, nil
}

// resourceOf names the resource of a path such as /apis/apps/v1/namespaces/{namespace}/deployments; subresources,
// watches and single objects have none.
func resourceOf(path string) (string, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		return "", false
	}
	if len(parts) == 3 && parts[0] == "namespaces" && parts[1] == "{namespace}" {
		parts = parts[2:]
	}
	if len(parts) != 1 || strings.HasPrefix(parts[0], "{") {
		return "", false
	}
	return parts[0], true
}
