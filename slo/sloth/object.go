package sloth

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// object is a PrometheusServiceLevel: the same words in camel case under spec.
type object struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   *yaml.Node       `yaml:"metadata,required"`
	Spec       objectSpec       `yaml:"spec,required"`
	Status     *yaml.Node       `yaml:"status"`
}

type objectSpec struct {
	Service yamlx.At[string] `yaml:"service,required"`
	Labels  words            `yaml:"labels"`
	Plugins *yaml.Node       `yaml:"sloPlugins"`
	SLOs    []objectLevel    `yaml:"slos,required"`
	Pos     diag.Position
}

type objectLevel struct {
	Name        yamlx.At[string]     `yaml:"name,required"`
	Description string               `yaml:"description"`
	Objective   yamlx.At[slo.Number] `yaml:"objective,required"`
	Labels      words                `yaml:"labels"`
	Plugins     *yaml.Node           `yaml:"plugins"`
	SLI         struct {
		Raw *struct {
			Query yamlx.At[string] `yaml:"errorRatioQuery,required"`
		} `yaml:"raw"`
		Events *struct {
			Error yamlx.At[string] `yaml:"errorQuery,required"`
			Total yamlx.At[string] `yaml:"totalQuery,required"`
		} `yaml:"events"`
		Plugin *plugin `yaml:"plugin"`
		Pos    diag.Position
	} `yaml:"sli,required"`
	Alerting struct {
		Name        string `yaml:"name"`
		Labels      texts  `yaml:"labels"`
		Annotations texts  `yaml:"annotations"`
		Page        route  `yaml:"pageAlert"`
		Ticket      route  `yaml:"ticketAlert"`
	} `yaml:"alerting"`
	Pos diag.Position
}

// objectOf is what rules take over from the metadata of an object.
func objectOf(metadata *yaml.Node) slo.Object {
	return slo.Object{Namespace: yamlx.Text(metadata, "namespace"), Labels: yamlx.Words(yamlx.Child(metadata, "labels"))}
}

// file is the spec in the words of the other form. The structs differ in their tags alone, so they convert.
func (s objectSpec) file() file {
	f := file{Version: yamlx.At[string]{V: Version}, Service: s.Service, Labels: s.Labels, Plugins: s.Plugins, Pos: s.Pos}
	for _, o := range s.SLOs {
		l := level{Name: o.Name, Description: o.Description, Objective: o.Objective, Labels: o.Labels, Plugins: o.Plugins, Pos: o.Pos,
			Alerting: alerting(o.Alerting), SLI: sli{Plugin: o.SLI.Plugin, Pos: o.SLI.Pos}}
		if o.SLI.Raw != nil {
			l.SLI.Raw = (*struct {
				Query yamlx.At[string] `yaml:"error_ratio_query,required"`
			})(o.SLI.Raw)
		}
		if o.SLI.Events != nil {
			l.SLI.Events = (*struct {
				Error yamlx.At[string] `yaml:"error_query,required"`
				Total yamlx.At[string] `yaml:"total_query,required"`
			})(o.SLI.Events)
		}
		f.SLOs = append(f.SLOs, l)
	}
	return f
}

// fields are those of the specs of objects.
func fields() []string {
	return strings.Fields(
		`service labels sloPlugins slos name description objective plugins sli raw errorRatioQuery events errorQuery totalQuery plugin id
	options alerting annotations pageAlert ticketAlert disable`,
	)
}

// fileFields are those of files of Sloth's own form.
func fileFields() []string {
	return strings.Fields(
		`version service labels slo_plugins slos name description objective plugins sli raw error_ratio_query events error_query
	total_query plugin id options alerting annotations page_alert ticket_alert disable`,
	)
}

// spelled gives the fields of a spec the case that they are known by: Sloth reads them as JSON, without minding it. Labels, annotations
// and options have names of their own.
func spelled(n *yaml.Node, fields []string) {
	if n == nil {
		return
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			for _, f := range fields {
				if strings.EqualFold(f, key.Value) {
					key.Value = f
				}
			}
			if key.Value != "labels" && key.Value != "annotations" && key.Value != "options" {
				spelled(n.Content[i+1], fields)
			}
		}
		return
	}
	for _, item := range n.Content {
		spelled(item, fields)
	}
}
