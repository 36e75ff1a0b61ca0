package openslo

import (
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// meta is the metadata of every object.
type meta struct {
	Name        yamlx.At[string]      `yaml:"name,required"`
	DisplayName string                `yaml:"displayName"`
	Labels      map[string]*yaml.Node `yaml:"labels"`
	Annotations texts                 `yaml:"annotations"`
	Pos         diag.Position
	single      map[string]string // labels that have one value each
}

// texts are words with their places.
type texts map[string]yamlx.At[string]

// alertMeta is the metadata of alert policies and conditions, which need no name where they are written within an SLO.
type alertMeta struct {
	Name        yamlx.At[string]      `yaml:"name"`
	DisplayName string                `yaml:"displayName"`
	Labels      map[string]*yaml.Node `yaml:"labels"`
	Annotations texts                 `yaml:"annotations"`
	Pos         diag.Position
}

// ofAlert is the metadata of an object as that of a policy or condition within an SLO.
func (m meta) ofAlert() alertMeta {
	return alertMeta{Name: m.Name, DisplayName: m.DisplayName, Labels: m.Labels, Annotations: m.Annotations, Pos: m.Pos}
}

// head is what every object has; other kinds than those below are read no further.
type head struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   meta             `yaml:"metadata,required"`
}

func (h head) meta() meta { return h.Metadata }

type anyObject struct {
	head `yaml:",inline"`
	Spec *yaml.Node `yaml:"spec"`
}

type sloObject struct {
	head `yaml:",inline"`
	Spec sloSpec `yaml:"spec,required"`
}

type sloSpec struct {
	Description     string           `yaml:"description"`
	Service         yamlx.At[string] `yaml:"service"`
	Indicator       *indicator       `yaml:"indicator"`
	IndicatorRef    yamlx.At[string] `yaml:"indicatorRef"`
	TimeWindow      []timeWindow     `yaml:"timeWindow"`
	BudgetingMethod yamlx.At[string] `yaml:"budgetingMethod"`
	Objectives      []objective      `yaml:"objectives"`
	AlertPolicies   []*policyEntry   `yaml:"alertPolicies"`
	Pos             diag.Position
}

type indicator struct {
	Metadata *yaml.Node `yaml:"metadata"`
	Spec     sliSpec    `yaml:"spec,required"`
	Pos      diag.Position
}

type sliObject struct {
	head `yaml:",inline"`
	Spec sliSpec `yaml:"spec,required"`
}

type sliSpec struct {
	Description string           `yaml:"description"`
	Threshold   *thresholdMetric `yaml:"thresholdMetric"`
	Ratio       *ratioMetric     `yaml:"ratioMetric"`
	Pos         diag.Position
}

// thresholdMetric is written with a metricSource in the text of the standard and without one in early examples.
type thresholdMetric struct {
	Source *metricSource `yaml:"metricSource,required"`
	Pos    diag.Position
}

type ratioMetric struct {
	Counter *bool            `yaml:"counter"`
	Good    *metric          `yaml:"good"`
	Bad     *metric          `yaml:"bad"`
	Total   *metric          `yaml:"total"`
	RawType yamlx.At[string] `yaml:"rawType"`
	Raw     *metric          `yaml:"raw"`
	Pos     diag.Position
}

type metric struct {
	Source metricSource `yaml:"metricSource,required"`
}

type metricSource struct {
	Ref  yamlx.At[string] `yaml:"metricSourceRef"`
	Type yamlx.At[string] `yaml:"type"`
	Spec *yaml.Node       `yaml:"spec,required"`
	Pos  diag.Position
}

type timeWindow struct {
	Duration yamlx.At[string] `yaml:"duration,required"`
	Rolling  *bool            `yaml:"isRolling"`
	Calendar *struct {
		Start yamlx.At[string] `yaml:"startTime,required"`
		Zone  yamlx.At[string] `yaml:"timeZone,required"`
	} `yaml:"calendar"`
	Pos diag.Position
}

type objective struct {
	aim          `yaml:",inline"`
	Indicator    *indicator       `yaml:"indicator"`
	IndicatorRef yamlx.At[string] `yaml:"indicatorRef"`
	Pos          diag.Position
	labels       map[string]string
}

// aim is what an objective says in every version of the standard.
type aim struct {
	DisplayName   yamlx.At[string]     `yaml:"displayName"`
	Op            yamlx.At[string]     `yaml:"op"`
	Value         yamlx.At[slo.Number] `yaml:"value"`
	Target        yamlx.At[slo.Number] `yaml:"target"`
	TargetPercent yamlx.At[slo.Number] `yaml:"targetPercent"`
	SliceTarget   yamlx.At[slo.Number] `yaml:"timeSliceTarget"`
	SliceWindow   yamlx.At[string]     `yaml:"timeSliceWindow"`
	Weight        yamlx.At[slo.Number] `yaml:"compositeWeight"`
}

type policyEntry struct {
	Ref      yamlx.At[string] `yaml:"alertPolicyRef"`
	Kind     string           `yaml:"kind"`
	Metadata alertMeta        `yaml:"metadata"`
	Spec     *policySpec      `yaml:"spec"`
	Pos      diag.Position
}

type policyObject struct {
	head `yaml:",inline"`
	Spec policySpec `yaml:"spec,required"`
}

type policySpec struct {
	Description string           `yaml:"description"`
	NoData      bool             `yaml:"alertWhenNoData"`
	Breaching   *bool            `yaml:"alertWhenBreaching"`
	Resolved    bool             `yaml:"alertWhenResolved"`
	Conditions  []conditionEntry `yaml:"conditions,required"`
	Targets     *yaml.Node       `yaml:"notificationTargets"`
	Pos         diag.Position
	meta        alertMeta
}

type conditionEntry struct {
	Ref      yamlx.At[string] `yaml:"conditionRef"`
	Kind     string           `yaml:"kind"`
	Metadata alertMeta        `yaml:"metadata"`
	Spec     *conditionSpec   `yaml:"spec"`
	Pos      diag.Position
}

type conditionObject struct {
	head `yaml:",inline"`
	Spec conditionSpec `yaml:"spec,required"`
}

type conditionSpec struct {
	Description string           `yaml:"description"`
	Severity    yamlx.At[string] `yaml:"severity,required"`
	Condition   struct {
		Kind       yamlx.At[string]     `yaml:"kind"`
		Op         yamlx.At[string]     `yaml:"op"`
		Threshold  yamlx.At[slo.Number] `yaml:"threshold,required"`
		Lookback   yamlx.At[string]     `yaml:"lookbackWindow,required"`
		AlertAfter yamlx.At[string]     `yaml:"alertAfter"`
		Pos        diag.Position
	} `yaml:"condition,required"`
	Pos  diag.Position
	meta alertMeta
}

type sourceObject struct {
	head `yaml:",inline"`
	Spec struct {
		Description string           `yaml:"description"`
		Type        yamlx.At[string] `yaml:"type,required"`
		Details     *yaml.Node       `yaml:"connectionDetails"`
	} `yaml:"spec,required"`
}
