package watch

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// The executors that a watch is written for.
const (
	ArgoRollouts = "argo-rollouts" // an AnalysisTemplate whose job is the watch
	Flagger      = "flagger"       // MetricTemplates of the SLOs, and the part of a Canary that uses them and runs the watch
	GitHub       = "github"        // the verdict, as the answer of a deployment protection rule
	Keptn        = "keptn"         // a KeptnTaskDefinition whose container is the watch
)

// Executors are their names.
func Executors() []string { return []string{ArgoRollouts, Flagger, GitHub, Keptn} }

// Job is a watch as others run it.
type Job struct {
	Cluster    string
	Start      time.Time
	Args       []string // of the command, without the start
	Prometheus string   // the address of the server
	Burns      []Burn   // of the SLOs that guard the cluster
}

// Burn is a query that tells how many times faster than allowed the budget of an SLO goes.
type Burn struct{ Name, Query string }

// pageBurn is the burn from which a watch takes a hop back: the fast pair of The Site Reliability Workbook, chapter 5, table 5-8.
const pageBurn = 14.4

// Write is the job as the objects of an executor; nil for one that has none.
func (j Job) Write(executor string) []byte {
	switch executor {
	case ArgoRollouts:
		return text("The image has treadmill, and in its working folder the files that are named here.", j.argo())
	case Keptn:
		return text("The image has treadmill, and in its working folder the files that are named here.", j.keptn())
	case Flagger:
		return append(text("The burn of each SLO that guards the cluster, by the series that rules generate records.", j.metrics()...),
			j.canary()...)
	}
	return nil
}

type object struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   map[string]any `yaml:"metadata"`
	Spec       any            `yaml:"spec"`
}

type dict = map[string]any

// with are the arguments with a start.
func (j Job) with(start string) []string { return append(slices.Clone(j.Args), "--start", start) }

func (j Job) start() string { return j.Start.UTC().Format(time.RFC3339) }

// argo runs the watch each minute for an hour; the first that says roll back fails the analysis
// (https://argo-rollouts.readthedocs.io/en/stable/analysis/job/).
func (j Job) argo() any {
	pod := dict{"restartPolicy": "Never", "containers": []dict{{"name": "watch", "image": "treadmill", "args": j.with("{{args.start}}")}}}
	return object{
		APIVersion: "argoproj.io/v1alpha1",
		Kind:       "AnalysisTemplate",
		Metadata:   dict{"name": named("hop", j.Cluster)},
		Spec: dict{
			"args": []dict{{"name": "start", "value": j.start()}},
			"metrics": []dict{{"name": "watch", "interval": "1m", "count": 60, "failureLimit": 0,
				"provider": dict{"job": dict{"spec": dict{"backoffLimit": 0, "template": dict{"spec": pod}}}}}},
		},
	}
}

// keptn runs the watch once, as a task after a deployment (https://keptn.sh/stable/docs/reference/crd-reference/taskdefinition/).
func (j Job) keptn() any {
	return object{
		APIVersion: "lifecycle.keptn.sh/v1",
		Kind:       "KeptnTaskDefinition",
		Metadata:   dict{"name": named("hop", j.Cluster)},
		Spec: dict{"retries": 0, "timeout": "5m",
			"container": dict{"name": "watch", "image": "treadmill", "args": j.with(j.start())}},
	}
}

// names are those of the MetricTemplates: two SLOs, or two groups of one, have two.
func (j Job) names() []string {
	var out []string
	for i, b := range j.Burns {
		name := named("burn", b.Name)
		if slices.Contains(out, name) {
			number := "-" + strconv.Itoa(i+1)
			name = strings.TrimRight(name[:min(longestName-len(number), len(name))], "-") + number
		}
		out = append(out, name)
	}
	return out
}

// metrics are the MetricTemplates (https://docs.flagger.app/usage/metrics#prometheus).
func (j Job) metrics() []any {
	var out []any
	names := j.names()
	for i, b := range j.Burns {
		out = append(out, object{
			APIVersion: "flagger.app/v1beta1",
			Kind:       "MetricTemplate",
			Metadata:   dict{"name": names[i]},
			Spec:       dict{"provider": dict{"type": "prometheus", "address": j.Prometheus}, "query": b.Query},
		})
	}
	return out
}

// canary is what uses the metrics, as a comment: the rest of the Canary is not known
// (https://docs.flagger.app/usage/webhooks, https://docs.flagger.app/usage/webhooks#load-testing for the tester that runs commands).
func (j Job) canary() []byte {
	metrics := []dict{}
	for _, name := range j.names() {
		metrics = append(metrics, dict{"name": name, "interval": "5m", "thresholdRange": dict{"max": pageBurn}, "templateRef": dict{"name": name}})
	}
	words := []string{"treadmill"}
	for _, a := range j.with(j.start()) {
		words = append(words, quoted(a))
	}
	hook := dict{"name": "watch", "type": "rollout", "url": "http://flagger-loadtester/", "timeout": "1m",
		"metadata": dict{"type": "bash", "cmd": strings.Join(words, " ")}}
	analysis := dict{"analysis": dict{"interval": "1m", "iterations": 60, "threshold": 1, "metrics": metrics, "webhooks": []dict{hook}}}
	var b bytes.Buffer
	b.WriteString("# In the Canary; the load tester's image has treadmill and the files:\n")
	for line := range strings.Lines(string(text("", analysis))) {
		b.WriteString("# " + line)
	}
	return b.Bytes()
}

// Answer is a verdict as the answer of a deployment protection rule. What is not decided is told without a state, so that the
// deployment waits (https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/create-custom-protection-rules).
func (v Verdict) Answer(environment string) []byte {
	answer := struct {
		Environment string `json:"environment_name"`
		State       string `json:"state,omitempty"`
		Comment     string `json:"comment"`
	}{Environment: environment, Comment: environment + ": " + string(v.State) + ". " + v.Reason() + "."}
	switch v.State {
	case GoOn:
		answer.State = "approved"
	case RollBack:
		answer.State = "rejected"
	}
	const longest = 1024 // characters of a comment
	if long := []rune(answer.Comment); len(long) > longest {
		answer.Comment = string(long[:longest-1]) + "…"
	}
	out, _ := json.Marshal(answer) // texts alone
	return append(out, '\n')
}

func text(comment string, values ...any) []byte {
	var b bytes.Buffer
	if comment != "" {
		b.WriteString("# " + comment + "\n")
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, v := range values {
		_ = enc.Encode(v) // maps, lists and texts alone
	}
	_ = enc.Close()
	return b.Bytes()
}

const longestName = 63 // characters of a label, RFC 1123

// named is a name of an object.
func named(what, of string) string {
	name := what + "-" + strings.Trim(nameless.ReplaceAllString(strings.ToLower(of), "-"), "-")
	return strings.Trim(name[:min(longestName, len(name))], "-")
}

var nameless = regexp.MustCompile(`[^a-z0-9]+`)

// quoted is a word for a shell.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plain = regexp.MustCompile(`^[\w@%+=:,./-]+$`)
