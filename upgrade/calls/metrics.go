package calls

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
	"treadmill/upgrade/manifest"
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
		c := Call{Source: manifest.Metrics, Deprecated: true, Position: diag.Position{File: name}}
		for _, l := range m.GetLabel() {
			switch l.GetName() {
			case "group":
				c.Group = l.GetValue()
			case "version":
				c.Version = l.GetValue()
			case "resource":
				c.Resource = l.GetValue()
			case "removed_release":
				c.Removed = minor(l.GetValue())
			}
		}
		if c.Version != "" && c.Resource != "" && m.GetGauge().GetValue()+m.GetUntyped().GetValue() > 0 {
			calls = append(calls, c)
		}
	}
	slices.SortFunc(calls, compare)
	return slices.CompactFunc(calls, func(a, b Call) bool { return a.API == b.API }), nil
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
