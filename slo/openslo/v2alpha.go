package openslo

import (
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// words are what versions of the standard call differently in messages, and the units of durations that one lacks.
type words struct{ indicator, noUnits string }

func wordsOf(version string) words {
	if version == V2Alpha {
		return words{"sli", "MQY"}
	}
	return words{"indicator", ""}
}

// v2SLO and v2SLI are the kinds that openslo.com/v2alpha writes otherwise than openslo/v1, as the proposal and the SDK of
// the project have them (https://github.com/OpenSLO/OpenSLO/blob/main/enhancements/v2alpha.md, read 2026-11): the SLI is
// called sli, a metric is no longer wrapped into metricSource, metadata has no displayName, and labels have one value.
type v2SLO struct {
	v2head `yaml:",inline"`
	Spec   struct {
		Description     string           `yaml:"description"`
		Service         yamlx.At[string] `yaml:"service"`
		ServiceRef      yamlx.At[string] `yaml:"serviceRef"`
		SLI             *v2Inline        `yaml:"sli"`
		SLIRef          yamlx.At[string] `yaml:"sliRef"`
		TimeWindow      []timeWindow     `yaml:"timeWindow"`
		BudgetingMethod yamlx.At[string] `yaml:"budgetingMethod"`
		Objectives      []v2Objective    `yaml:"objectives"`
		AlertPolicies   []*policyEntry   `yaml:"alertPolicies"`
		Pos             diag.Position
	} `yaml:"spec,required"`
}

type v2SLI struct {
	v2head `yaml:",inline"`
	Spec   v2Spec `yaml:"spec,required"`
}

type v2head struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   struct {
		Name        yamlx.At[string]  `yaml:"name,required"`
		Labels      map[string]string `yaml:"labels"`
		Annotations texts             `yaml:"annotations"`
		Pos         diag.Position
	} `yaml:"metadata,required"`
}

func (h v2head) meta() meta { return meta{Name: h.Metadata.Name, Pos: h.Metadata.Pos} }

type v2Inline struct {
	Metadata *yaml.Node `yaml:"metadata"`
	Spec     v2Spec     `yaml:"spec,required"`
}

type v2Objective struct {
	aim    `yaml:",inline"`
	Labels map[string]string `yaml:"labels"`
	SLI    *v2Inline         `yaml:"sli"`
	SLIRef yamlx.At[string]  `yaml:"sliRef"`
	Pos    diag.Position
}

type v2Spec struct {
	Description string    `yaml:"description"`
	Threshold   *v2Metric `yaml:"thresholdMetric"`
	Ratio       *struct {
		Counter *bool            `yaml:"counter"`
		Good    *v2Metric        `yaml:"good"`
		Bad     *v2Metric        `yaml:"bad"`
		Total   *v2Metric        `yaml:"total"`
		RawType yamlx.At[string] `yaml:"rawType"`
		Raw     *v2Metric        `yaml:"raw"`
		Pos     diag.Position
	} `yaml:"ratioMetric"`
	Pos diag.Position
}

type v2Metric struct {
	Ref    yamlx.At[string] `yaml:"dataSourceRef"`
	Source *struct {
		Description string           `yaml:"description"`
		Type        yamlx.At[string] `yaml:"type,required"`
		Details     *yaml.Node       `yaml:"connectionDetails"`
	} `yaml:"dataSourceSpec"`
	Spec *yaml.Node `yaml:"spec,required"`
	Pos  diag.Position
}

// v2 files an SLO or SLI of v2alpha in the words of v1.
func (d *decoder) v2(doc yamlx.Document, kind string) {
	if kind == "SLI" {
		if o, ok := load[v2SLI](d, doc, kind); ok {
			d.slis[o.Metadata.Name.V] = o.Spec.v1()
		}
		return
	}
	o, ok := load[v2SLO](d, doc, kind)
	if !ok {
		return
	}
	s := o.Spec
	out := sloObject{head: head{o.APIVersion, o.Kind, o.meta()}, Spec: sloSpec{Description: s.Description, Service: s.Service,
		Indicator: s.SLI.v1(), IndicatorRef: s.SLIRef, TimeWindow: s.TimeWindow, BudgetingMethod: s.BudgetingMethod,
		AlertPolicies: s.AlertPolicies, Pos: s.Pos}}
	out.Metadata.single, out.Metadata.Annotations = o.Metadata.Labels, o.Metadata.Annotations
	if s.ServiceRef.Set() {
		out.Spec.Service = s.ServiceRef
	}
	for _, x := range s.Objectives {
		out.Spec.Objectives = append(out.Spec.Objectives,
			objective{aim: x.aim, Indicator: x.SLI.v1(), IndicatorRef: x.SLIRef, labels: x.Labels, Pos: x.Pos})
	}
	d.slos = append(d.slos, &out)
}

func (i *v2Inline) v1() *indicator {
	if i == nil {
		return nil
	}
	return &indicator{Spec: i.Spec.v1(), Pos: i.Spec.Pos}
}

func (s v2Spec) v1() sliSpec {
	out := sliSpec{Description: s.Description, Pos: s.Pos}
	if s.Threshold != nil {
		out.Threshold = &thresholdMetric{Source: &s.Threshold.v1().Source, Pos: s.Threshold.Pos}
	}
	if r := s.Ratio; r != nil {
		out.Ratio = &ratioMetric{
			Counter: r.Counter,
			Good:    r.Good.v1(),
			Bad:     r.Bad.v1(),
			Total:   r.Total.v1(),
			RawType: r.RawType,
			Raw:     r.Raw.v1(),
			Pos:     r.Pos,
		}
	}
	return out
}

func (m *v2Metric) v1() *metric {
	if m == nil {
		return nil
	}
	out := &metric{Source: metricSource{Ref: m.Ref, Spec: m.Spec, Pos: m.Pos}}
	if m.Source != nil {
		out.Source.Type = m.Source.Type
	}
	return out
}
