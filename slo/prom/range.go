package prom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"treadmill/slo"
)

// ranged is a range query while its pieces come in.
type ranged struct {
	client   *Client
	query    string
	grid     slo.Grid
	series   []slo.Series
	at       map[string]int // the place of a series by its labels
	warnings []string
}

// fetch asks for the moments [from, to). A piece that is too much for the server is halved.
func (r *ranged) fetch(ctx context.Context, from, to int) error {
	value, err := r.ask(ctx, from, to)
	const smallest = 16
	if tooMuch(err) && to-from > smallest {
		mid := (from + to) / 2
		if err := r.fetch(ctx, from, mid); err != nil {
			return err
		}
		return r.fetch(ctx, mid, to)
	}
	if err != nil {
		return err
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return fmt.Errorf("the server answered a range query with a %T", value)
	}
	return r.add(matrix, from, to)
}

// tries is how often one piece is asked for.
const tries = 5

// ask asks for one piece, again where the failure may pass.
func (r *ranged) ask(ctx context.Context, from, to int) (model.Value, error) {
	pause := r.client.pause
	for try := 1; ; try++ {
		value, warnings, _, err := r.client.api.QueryRange(ctx, r.query,
			v1.Range{Start: r.grid.At(from), End: r.grid.At(to - 1), Step: time.Duration(r.grid.Step)})
		for _, w := range warnings {
			if w = redact(w, r.client.secrets); !slices.Contains(r.warnings, w) {
				r.warnings = append(r.warnings, w)
			}
		}
		if err == nil || try == tries || tooMuch(err) || !passing(err) {
			return value, err
		}
		var busy *busyError
		wait := pause
		if errors.As(err, &busy) && busy.after > 0 {
			wait = busy.after
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// tooMuch reports whether a smaller piece may be answered: the query loads too many samples, or takes too long.
func tooMuch(err error) bool {
	var answer *v1.Error
	if errors.As(err, &answer) {
		return answer.Type == v1.ErrTimeout || isLimit(answer.Msg)
	}
	var busy *busyError
	return errors.As(err, &busy) && busy.timeout || errors.Is(err, errTooLarge)
}

// isLimit reports whether an error is about the size of a query: Prometheus, Thanos, Mimir and VictoriaMetrics each have words
// of their own, and no status of their own.
func isLimit(message string) bool {
	message = strings.ToLower(message)
	for _, word := range []string{"too many", "exceed", "limit", "too large", "too long", "timed out", "timeout"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// passing reports whether the same request may succeed later.
func passing(err error) bool {
	var busy *busyError
	var answer *v1.Error
	switch {
	case errors.As(err, &busy), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), isReset(err):
		return true
	case errors.As(err, &answer):
		return answer.Type == v1.ErrBadResponse // a body that is no JSON: cut off somewhere on its way
	}
	return false
}

// add puts a piece's samples into their places. A moment that was not asked for, and a series that comes twice, are errors.
func (r *ranged) add(matrix model.Matrix, from, to int) error {
	seen := make(map[string]bool, len(matrix))
	for _, stream := range matrix {
		if len(stream.Histograms) > 0 {
			return errors.New("the query gives native histograms where numbers are wanted")
		}
		key := stream.Metric.String()
		if seen[key] {
			return fmt.Errorf("the server answered with the series %s twice", key)
		}
		seen[key] = true
		i, known := r.at[key]
		if !known {
			i = len(r.series)
			r.at[key], r.series = i, append(r.series, slo.NewSeries(labelsOf(stream.Metric), r.grid.N))
		}
		for _, p := range stream.Values {
			k, ok := r.grid.Index(p.Timestamp.Time())
			if !ok || k < from || k >= to {
				return fmt.Errorf("the server answered for %s, which was not asked for: it does not keep to the step of %s",
					p.Timestamp.Time().UTC().Format(time.RFC3339), r.grid.Step)
			}
			r.series[i].Values[k] = float64(p.Value)
		}
	}
	return nil
}

func labelsOf(m model.Metric) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[string(k)] = string(v)
	}
	return out
}

// answer orders what came in.
func (r *ranged) answer() slo.Answer {
	keys := slices.Sorted(maps.Keys(r.at))
	out := slo.Answer{Warnings: r.warnings, Series: make([]slo.Series, 0, len(keys))}
	for _, key := range keys {
		out.Series = append(out.Series, r.series[r.at[key]])
	}
	return out
}
