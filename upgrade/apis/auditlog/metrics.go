package auditlog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
)

// gauge is the metric that counts, per API server, what deprecated APIs were requested since it started. It is stable
// since Kubernetes 1.19 (https://kubernetes.io/docs/reference/instrumentation/metrics/).
const gauge = "apiserver_requested_deprecated_apis"

// maxLine is the longest line of a metrics file or an audit log that is read, in bytes.
const maxLine = 4 << 20

// Metrics reads what an API server's /metrics says of deprecated APIs, in the text format of Prometheus. Only the lines
// of that gauge are kept, so that the size of the rest does not matter. An input without any metric of an API server is an
// error: it is not what it should be, and must not pass for a server without deprecated calls.
func Metrics(r io.Reader, name string) ([]Call, error) {
	kept, err := gaugeLines(r)
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(kept))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", gauge, err)
	}
	var calls []Call
	for _, m := range families[gauge].GetMetric() {
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		calls = append(calls, sample(name, labels, m.GetGauge().GetValue()+m.GetUntyped().GetValue())...)
	}
	return once(calls), nil
}

// Sample is a sample of the gauge, as a server that has scraped it holds it.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Query asks a Prometheus server for the gauge, of all API servers that it scrapes; they are told apart by the label cluster,
// where there is one. Serving asks whether it scrapes any: without one the answer to Query says nothing.
const (
	Query   = "max by (cluster, group, version, resource, removed_release) (" + gauge + ")"
	Serving = "count(apiserver_request_total)"
)

// Samples reads the answer to Query. name is that of the server.
func Samples(samples []Sample, name string) []Call {
	var calls []Call
	for _, s := range samples {
		at := name
		if cluster := s.Labels["cluster"]; cluster != "" {
			at += ": cluster " + cluster
		}
		calls = append(calls, sample(at, s.Labels, s.Value)...)
	}
	return once(calls)
}

// sample is the call that a sample of the gauge tells of, if it tells of one.
func sample(name string, labels map[string]string, value float64) []Call {
	c := Call{API: API{labels["group"], labels["version"], labels["resource"]}, Source: object.Metrics, Deprecated: true,
		Removed: minor(labels["removed_release"]), Position: diag.Position{File: name}}
	if c.Version == "" || c.Resource == "" || !(value > 0) {
		return nil
	}
	return []Call{c}
}

// once orders calls and takes out those that are there twice.
func once(calls []Call) []Call {
	slices.SortFunc(calls, compare)
	return slices.CompactFunc(calls, func(a, b Call) bool { return a.API == b.API && a.File == b.File })
}

// gaugeLines returns the lines of the gauge.
func gaugeLines(r io.Reader) ([]byte, error) {
	var kept bytes.Buffer
	server := false
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		switch {
		case errors.Is(err, io.EOF) && server:
			return kept.Bytes(), nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("holds no metrics of an API server: want what its /metrics answers")
		case errors.Is(err, errLong):
			continue
		case errors.Is(err, errCut) && bytes.HasPrefix(line, []byte(gauge)):
			return nil, fmt.Errorf("line %d: the file ends in the middle of a line", n)
		case err != nil && !errors.Is(err, errCut):
			return nil, err
		}
		text := strings.TrimPrefix(strings.TrimPrefix(string(line), "# HELP "), "# TYPE ")
		server = server || strings.HasPrefix(text, "apiserver_")
		if strings.HasPrefix(text, gauge) {
			kept.Write(line)
			kept.WriteByte('\n')
		}
	}
}
