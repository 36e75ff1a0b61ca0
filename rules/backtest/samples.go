package backtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules/eval"
)

// FindingNaN is the ID of a finding about samples or answers that are NaN.
const FindingNaN = "history/nan"

// ReadSamples reads history from a file into a store: OpenMetrics text with timestamps, as `promtool tsdb dump-openmetrics`
// writes it, or a file .yaml that describes series as promtool's tests do:
//
//	start: 2026-11-01T00:00:00Z
//	interval: 1m
//	series:
//	  - {series: 'http_requests_total{code="200"}', values: '0+600x1440'}
//
// Every problem of the file is a finding; what is odd and was read nevertheless, a warning.
func ReadSamples(store *eval.Store, name string, data []byte) []diag.Finding {
	if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
		return readDescribed(store, name, data)
	}
	return readOpenMetrics(store, name, data)
}

// described is a file of series as promtool's tests write them.
type described struct {
	Start    time.Time `yaml:"start"`
	Interval duration  `yaml:"interval"`
	Series   []struct {
		Series yamlx.At[string] `yaml:"series"`
		Values yamlx.At[string] `yaml:"values"`
	} `yaml:"series"`
}

// duration is a Prometheus duration above 0.
type duration time.Duration

// UnmarshalText reads the duration.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := model.ParseDuration(string(text))
	if err == nil && v <= 0 {
		err = errors.New("want more than 0")
	}
	*d = duration(v)
	return err
}

func readDescribed(store *eval.Store, name string, data []byte) []diag.Finding {
	docs, findings := yamlx.Documents(name, data)
	for _, doc := range docs {
		var file described
		findings = append(findings, yamlx.Decode(doc, &file)...)
		if diag.Any(findings, diag.Error) {
			return findings
		}
		p := parser.NewParser(parser.Options{})
		for _, s := range file.Series {
			ls, values, err := p.ParseSeriesDesc(s.Series.V + " " + s.Values.V)
			at := file.Start
			for i := 0; i < len(values) && err == nil; i++ {
				if v := values[i]; !v.Omitted {
					err = store.Append(ls, eval.Sample{Millis: at.UnixMilli(), Value: v.Value, Histogram: v.Histogram})
				}
				at = at.Add(time.Duration(file.Interval))
			}
			if err != nil {
				findings = append(findings,
					diag.Finding{ID: "history/series", Severity: diag.Error, Position: s.Series.Pos, Message: "the series cannot be read: " + err.Error()})
			}
		}
	}
	return findings
}

func readOpenMetrics(store *eval.Store, name string, data []byte) []diag.Finding {
	fail := func(offset int, err error) []diag.Finding {
		return []diag.Finding{
			{
				ID:       diag.Syntax,
				Severity: diag.Error,
				Position: diag.Position{File: name, Line: lineOf(data, offset)},
				Message:  "the OpenMetrics text cannot be read: " + err.Error(),
			},
		}
	}
	if !bytes.HasSuffix(bytes.TrimRight(data, "\r\n "), []byte("# EOF")) {
		return fail(len(data), errors.New("it does not end with # EOF, so a part of it may be missing"))
	}
	p := textparse.NewOpenMetricsParser(data, labels.NewSymbolTable())
	var ls labels.Labels
	samples, offset, nan, firstNaN := 0, 0, 0, 0
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(offset, err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		series, ms, v := p.Series()
		offset = cap(data) - cap(series)
		p.Labels(&ls)
		if ms == nil {
			return fail(offset, fmt.Errorf("%s has no timestamp, so it is no history", ls))
		}
		if math.IsNaN(v) {
			if nan++; nan == 1 {
				firstNaN = lineOf(data, offset)
			}
			v = math.Float64frombits(value.StaleNaN)
		}
		if err := store.Append(ls, eval.Sample{Millis: *ms, Value: v}); err != nil {
			return fail(offset, err)
		}
		samples++
	}
	if samples == 0 {
		return fail(0, errors.New("it holds no samples"))
	}
	if nan > 0 {
		return []diag.Finding{{ID: FindingNaN, Severity: diag.Warning, Position: diag.Position{File: name, Line: firstNaN},
			Message: fmt.Sprintf(
				"%d of %d samples are NaN, this one first: the text does not tell markers of the end of a series from numbers, so that each is taken to end its series",
				nan,
				samples,
			)}}
	}
	return nil
}

// lineOf is the line in which an offset lies.
func lineOf(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(offset, len(data))], []byte("\n"))
}
