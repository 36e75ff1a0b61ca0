package fleet

import (
	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// Is reports whether a document is a fleet file: it has a list of clusters, and is no object of Kubernetes such as a kubeconfig.
func Is(doc yamlx.Document) bool {
	root := yamlx.Resolve(doc.Root)
	if root.Kind != yaml.MappingNode || yamlx.Child(root, "apiVersion") != nil {
		return false
	}
	list := yamlx.Child(root, "clusters")
	return list != nil && list.Kind == yaml.SequenceNode
}
