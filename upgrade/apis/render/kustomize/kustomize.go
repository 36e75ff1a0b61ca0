// Package kustomize builds kustomizations in process and without a network, and knows which file each object is from.
//
// The way through it: Open + a folder → Build → []Object. What the kustomization names is read into memory first, and Kustomize
// sees only that. Whatever might lie elsewhere, such as a URL, is refused before Kustomize starts, as it would fetch it. It
// runs no plugins and inflates no charts.
package kustomize

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"treadmill/upgrade/apis/read"
)

// Object is one object that a kustomization makes.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Path                              string // the file it is from; "" when it was generated
	Text                              []byte // in YAML, if it was asked for
}

// Remote says that a kustomization names something that is not among the files, or that lies elsewhere.
type Remote struct {
	File  string // the kustomization
	Names []string
}

func (r *Remote) Error() string {
	return "it needs " + strings.Join(r.Names, ", ") + ", which is not a local file"
}

// building is held while Kustomize runs, which keeps its schema in variables.
var building sync.Mutex

// Build builds the kustomization in a folder. A component, which is none by itself, gives nothing. text chooses the objects whose
// text is wanted too; nil chooses none.
func Build(open read.Opener, dir string, text func(Object) bool) (out []Object, err error) {
	c := closure{open: open, files: map[string][]byte{}, disk: filesys.MakeFsInMemory()}
	if err := c.folder(dir, 0); err != nil {
		return nil, err
	}
	if c.component {
		return nil, nil
	}
	building.Lock()
	defer building.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it makes Kustomize panic: %v", p)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone // the files in memory are all there is
	made, err := krusty.MakeKustomizer(options).Run(c.disk, virtual(dir))
	if err != nil {
		return nil, fmt.Errorf("%s", c.real(brief(err.Error())))
	}
	for _, r := range made.Resources() {
		o := Object{APIVersion: r.GetApiVersion(), Kind: r.GetKind(), Namespace: r.GetNamespace(), Name: r.GetName()}
		origin, err := r.GetOrigin()
		if err == nil && origin != nil && origin.Path != "" {
			o.Path = filepath.Join(dir, origin.Path)
		}
		if text != nil && text(o) {
			if o.Text, err = r.AsYAML(); err != nil {
				return nil, err
			}
		}
		out = append(out, o)
	}
	return out, nil
}

// home is the folder in memory that stands for the current one; it is deep, so that "../" has somewhere to go.
var home = strings.Repeat("/w", 40)

func virtual(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(home, path)
}

// real takes places in memory out of a message.
func (c *closure) real(message string) string {
	return strings.ReplaceAll(strings.ReplaceAll(message, home+"/", ""), home, ".")
}

// brief is the end of Kustomize's chain of errors.
func brief(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if len(message) > 400 {
		message = message[:400] + "…"
	}
	return message
}

// closure reads what a kustomization needs into memory.
type closure struct {
	open      read.Opener
	files     map[string][]byte
	disk      filesys.FileSystem
	bytes     int
	component bool // the first kustomization is one
}

// folder reads a kustomization and what it names.
func (c *closure) folder(dir string, depth int) error {
	if depth > 30 {
		return fmt.Errorf("kustomizations nest deeper than 30 levels, or in a circle")
	}
	for _, name := range read.KustomizationFiles() {
		path := filepath.Join(dir, name)
		data, err := c.read(path)
		if err != nil {
			continue
		}
		if data, err = c.kustomization(path, data, depth); err != nil {
			return err
		}
		return c.disk.WriteFile(virtual(path), data)
	}
	return fmt.Errorf("%s has no kustomization", dir)
}

// kustomization reads what a kustomization names, and returns its text. The first is told to remember where things are from.
func (c *closure) kustomization(path string, data []byte, depth int) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return data, err
	}
	root := doc.Content[0]
	missing := &Remote{File: path}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		if key == "kind" && depth == 0 && value.Value == "Component" {
			c.component = true
		}
		if err := c.names(filepath.Dir(path), key, value, depth, missing); err != nil {
			return nil, err
		}
	}
	if len(missing.Names) > 0 {
		slices.Sort(missing.Names)
		return nil, missing
	}
	if depth > 0 {
		return data, nil
	}
	return remember(root, data)
}

// remember adds originAnnotations to buildMetadata.
func remember(root *yaml.Node, data []byte) ([]byte, error) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "buildMetadata" {
			value := root.Content[i+1]
			value.Content = append(value.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: types.OriginAnnotations})
			return yaml.Marshal(root)
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "buildMetadata"},
			&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: types.OriginAnnotations}}})
		return yaml.Marshal(root)
	}
	return append(bytes.TrimRight(data, "\n"), []byte("\nbuildMetadata: ["+types.OriginAnnotations+"]\n")...), nil
}

// names reads every file and folder that a field names. A path that must be there and is not, or that may be a URL, is missing.
func (c *closure) names(dir, key string, n *yaml.Node, depth int, missing *Remote) error {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && (i%2 == 0 || n.Content[i-1].Value == "literals") {
			continue
		}
		if err := c.names(dir, key, child, depth, missing); err != nil {
			return err
		}
	}
	if n.Kind != yaml.ScalarNode {
		return nil
	}
	return c.named(dir, key, n, depth, missing)
}

// named reads what one value of a field names.
func (c *closure) named(dir, key string, n *yaml.Node, depth int, missing *Remote) error {
	must := slices.Contains([]string{"resources", "bases", "components", "generators", "transformers", "validators", "crds", "configurations"}, key)
	plugin := slices.Contains([]string{"generators", "transformers", "validators"}, key)
	text := strings.TrimSpace(n.Value)
	if strings.Contains(text, "\n") { // written in place
		if plugin && elsewhere(text) {
			missing.Names = append(missing.Names, "a "+strings.TrimSuffix(key, "s")+" that names a URL")
		}
		return nil
	}
	if must && (text == "" || strings.ContainsAny(text, ":@?") || elsewhere(text)) || slices.Contains(pathKeys, key) && elsewhere(text) {
		missing.Names = append(missing.Names, text)
		return nil
	}
	if _, after, ok := strings.Cut(text, "="); ok {
		text = after
	}
	if text == "" || len(text) > 500 {
		return nil
	}
	found, err := c.path(dir, text, depth)
	if err != nil {
		return err
	}
	if plugin && elsewhere(string(c.files[filepath.Join(dir, text)])) {
		found = false
	}
	if must && !found {
		missing.Names = append(missing.Names, text)
	}
	return nil
}

// pathKeys are further fields that hold paths.
var pathKeys = []string{"patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "openapi", "configMapGenerator", "secretGenerator"}

// elsewhere reports whether a text may name something that would be fetched.
func elsewhere(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(text, "git@") || strings.Contains(text, "github.com") || strings.Contains(text, "git::")
}

// path reads a file, or the kustomization in a folder.
func (c *closure) path(dir, name string, depth int) (found bool, err error) {
	path := filepath.Join(dir, name)
	f, err := c.open(path)
	if err != nil {
		return false, nil //nolint:nilerr // what does not open is not found, which the caller says
	}
	info, err := f.Stat()
	_ = f.Close()
	switch {
	case err != nil:
		return false, nil //nolint:nilerr // as above
	case info.IsDir():
		return true, c.folder(path, depth+1)
	case !info.Mode().IsRegular():
		return false, nil
	}
	data, err := c.read(path)
	if err != nil {
		return false, err
	}
	return true, c.disk.WriteFile(virtual(path), data)
}
