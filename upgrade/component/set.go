package component

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Setting is a flag or a feature gate of a component, as an object has it.
type Setting struct {
	Component    string // such as kubelet
	Flag         string // without dashes; "" for a gate
	Gate         Gate   // where Flag is ""
	Line, Column int    // of the object's text; Column is 0 in a text inside a text
}

// Settings finds the flags and the gates that an object sets: configuration files of kubeadm, the kubelet and kube-proxy, also those in
// ConfigMaps and in objects of Cluster API, clusters of kOps, and pods that run a component.
func Settings(object *yaml.Node) []Setting {
	var r setReader
	if object != nil && object.Kind == yaml.DocumentNode && len(object.Content) > 0 {
		object = object.Content[0]
	}
	r.object(yamlx.Resolve(object), 0)
	return r.found
}

// maxTexts bounds how deep texts are looked for in texts, and objects in objects.
const maxTexts = 20

type setReader struct {
	found []Setting
	in    *yaml.Node // the text that nodes are lines of; nil for those of the file
}

func (r *setReader) object(n *yaml.Node, depth int) {
	if n == nil || depth > maxTexts {
		return
	}
	group, _, _ := strings.Cut(yamlx.Text(n, "apiVersion"), "/")
	switch kind := yamlx.Text(n, "kind"); {
	case group == "kubeadm.k8s.io":
		r.kubeadm(n)
	case group == "kubelet.config.k8s.io":
		r.gates("kubelet", yamlx.Child(n, "featureGates"))
	case group == "kubeproxy.config.k8s.io":
		r.gates("kube-proxy", yamlx.Child(n, "featureGates"))
	case group == "kops.k8s.io":
		r.kops(yamlx.Child(n, "spec"))
	case strings.HasSuffix(group, "cluster.x-k8s.io"):
		r.clusterAPI(yamlx.Child(n, "spec"), depth+1)
	case group == "v1" && kind == "ConfigMap":
		r.texts(yamlx.Child(n, "data"), depth)
	default:
		r.pods(n, kind)
	}
}

// kubeadm reads what its configurations have in common, whichever of them it is: the keys differ.
func (r *setReader) kubeadm(n *yaml.Node) {
	for key, component := range map[string]string{"apiServer": "kube-apiserver", "controllerManager": "kube-controller-manager",
		"scheduler": "kube-scheduler"} {
		r.args(component, yamlx.Child(yamlx.Child(n, key), "extraArgs"))
	}
	r.args("kubelet", yamlx.Child(yamlx.Child(n, "nodeRegistration"), "kubeletExtraArgs"))
	slices.SortStableFunc(r.found, func(a, b Setting) int { return a.Line - b.Line })
}

// args reads flags, which are a map up to v1beta3 of kubeadm and a list since.
func (r *setReader) args(component string, n *yaml.Node) {
	for key, value := range yamlx.Pairs(n) {
		r.flag(component, key.Value, yamlx.Resolve(value).Value, key)
	}
	for _, item := range yamlx.Items(n) {
		if name := yamlx.Child(item, "name"); name != nil {
			r.flag(component, name.Value, yamlx.Text(item, "value"), name)
		}
	}
}

// gates reads a map of gates.
func (r *setReader) gates(component string, n *yaml.Node) {
	for key, value := range yamlx.Pairs(n) {
		for _, g := range FlagGates(component, []string{"--feature-gates=" + key.Value + "=" + yamlx.Resolve(value).Value}) {
			r.add(Setting{Component: component, Gate: g}, key)
		}
	}
}

// kops reads the gates of a cluster of kOps; its flags are fields, which it translates itself.
func (r *setReader) kops(spec *yaml.Node) {
	for _, c := range [][2]string{{"kubeAPIServer", "kube-apiserver"}, {"kubeControllerManager", "kube-controller-manager"},
		{"kubeScheduler", "kube-scheduler"},
		{"kubeProxy", "kube-proxy"}, {"kubelet", "kubelet"}, {"controlPlaneKubelet", "kubelet"}} {
		r.gates(c[1], yamlx.Child(yamlx.Child(spec, c[0]), "featureGates"))
	}
}

// clusterAPI finds the configurations of kubeadm in an object of Cluster API.
func (r *setReader) clusterAPI(n *yaml.Node, depth int) {
	if n == nil || depth > maxTexts {
		return
	}
	for key, value := range yamlx.Pairs(n) {
		switch value = yamlx.Resolve(value); key.Value {
		case "clusterConfiguration", "initConfiguration", "joinConfiguration":
			r.kubeadm(value)
		default:
			r.clusterAPI(value, depth+1)
		}
	}
}

// texts reads the configuration files in a ConfigMap, such as kubeadm-config and kubelet-config.
func (r *setReader) texts(data *yaml.Node, depth int) {
	for _, value := range yamlx.Pairs(data) {
		value = yamlx.Resolve(value)
		if value.Kind != yaml.ScalarNode || r.in != nil || !strings.Contains(value.Value, "k8s.io/") || !strings.Contains(value.Value, "kind:") {
			continue
		}
		docs, _ := yamlx.Parse("", []byte(value.Value), 1)
		r.in = value
		for _, d := range docs {
			r.object(yamlx.Resolve(d.Root), depth+1)
		}
		r.in = nil
	}
}

// pods reads the command lines of the components that an object runs.
func (r *setReader) pods(n *yaml.Node, kind string) {
	spec := yamlx.Child(n, "spec")
	if kind != "Pod" {
		spec = yamlx.Child(yamlx.Child(spec, "template"), "spec")
	}
	for _, c := range yamlx.Items(yamlx.Child(spec, "containers")) {
		words := slices.Concat(yamlx.Items(yamlx.Child(c, "command")), yamlx.Items(yamlx.Child(c, "args")))
		image, _, _ := strings.Cut(path.Base(yamlx.Text(c, "image")), ":")
		if len(yamlx.Items(yamlx.Child(c, "command"))) == 0 && runs(image) { // the image's own entry point
			r.commandLine(image, words)
		} else if len(words) > 0 && runs(path.Base(words[0].Value)) {
			r.commandLine(path.Base(words[0].Value), words[1:])
		} else {
			r.shell(words)
		}
	}
}

// runs reports whether a program is a component.
func runs(name string) bool { return slices.Contains(Components(), name) }

func (r *setReader) commandLine(component string, words []*yaml.Node) {
	for i, w := range words {
		name, value, has := strings.Cut(w.Value, "=")
		if !strings.HasPrefix(name, "--") {
			continue
		}
		if !has && i+1 < len(words) {
			value = words[i+1].Value
		}
		r.flag(component, name, value, w)
	}
}

// shell reads the command lines in the scripts that a shell is given.
func (r *setReader) shell(words []*yaml.Node) {
	for _, w := range words {
		var inside []*yaml.Node
		component := ""
		for word := range strings.FieldsSeq(w.Value) {
			if component != "" {
				inside = append(inside, &yaml.Node{Value: strings.Trim(word, `"'`), Line: w.Line, Column: w.Column})
			} else if runs(path.Base(word)) {
				component = path.Base(word)
			}
		}
		r.commandLine(component, inside)
	}
}

func (r *setReader) flag(component, name, value string, at *yaml.Node) {
	name = strings.ReplaceAll(strings.TrimLeft(name, "-"), "_", "-")
	if name != "feature-gates" {
		r.add(Setting{Component: component, Flag: name}, at)
		return
	}
	for _, g := range FlagGates(component, []string{"--feature-gates=" + value}) {
		r.add(Setting{Component: component, Gate: g}, at)
	}
}

func (r *setReader) add(s Setting, at *yaml.Node) {
	s.Line, s.Column = at.Line, at.Column
	if r.in != nil {
		s.Line, s.Column = r.in.Line, r.in.Column
		if r.in.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			s.Line, s.Column = r.in.Line+at.Line, 0
		}
	}
	r.found = append(r.found, s)
}

// Since is the release from which on a component refuses a gate as it is set, of those up to the target, which refuses it.
func (g Gates) Since(gate Gate, target upgrade.Minor) upgrade.Minor {
	since := target
	for since != g.oldest && g.Refuses(gate, since.Add(-1), since.Add(-1)) != "" {
		since = since.Add(-1)
	}
	return since
}
