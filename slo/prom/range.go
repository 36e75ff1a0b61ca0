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

	"treadmill/internal/net"
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
	nan      int
}

// fetch asks for the moments [from, to). A piece that is too much for the server is halved.
func (r *ranged) fetch(ctx context.Context, from, to int) error {
	value, err := r.ask(ctx, from, to)
	const smallest = 16
	if (tooMuch(err) || r.slow(err)) && to-from > smallest {
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

// slow reports whether a server that has answered before takes too long for a piece. One that never answered may not be there.
func (r *ranged) slow(err error) bool {
	var silent *net.Silent
	return errors.As(err, &silent) && r.client.guard.clock.Load() != 0
}

// tries is how often one piece is asked for.
const tries = 5

// ask asks for one piece, again where the failure may pass.
func (r *ranged) ask(ctx context.Context, from, to int) (model.Value, error) {
	pause := r.client.pause
	for try := 1; ; try++ {
		asked, note := noting(ctx)
		value, warnings, _, err := r.client.api.QueryRange(asked, r.query,
			v1.Range{Start: r.grid.At(from), End: r.grid.At(to - 1), Step: time.Duration(r.grid.Step)})
		if note.partial {
			warnings = append(warnings, "the answer is partial: some of the server's nodes did not answer")
		}
		r.warn(warnings...)
		if err == nil || try == tries || tooMuch(err) || !passing(err) {
			return value, err
		}
		var busy *busyError
		wait := pause
		if errors.As(err, &busy) && busy.after > 0 {
			if wait = busy.after; wait > r.client.guard.limits.Timeout {
				return value, err // longer than one request may take
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// warn adds warnings, each once.
func (r *ranged) warn(warnings ...string) {
	for _, w := range warnings {
		if w = r.client.guard.secrets.Redact(w); !slices.Contains(r.warnings, w) {
			r.warnings = append(r.warnings, w)
		}
	}
}

// tooMuch reports whether a smaller piece may be answered: the query loads too many samples, or takes too long.
func tooMuch(err error) bool {
	var answer *v1.Error
	if errors.As(err, &answer) {
		return answer.Type == v1.ErrTimeout || isLimit(answer.Msg)
	}
	var busy *busyError
	var large *net.TooLarge
	return errors.As(err, &busy) && busy.timeout || errors.As(err, &large)
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

// add puts a piece's samples into their places. A moment that was not asked for or is out of order, and a series that comes twice, are
// errors. That the moments with values are as far apart as those of a longer step is a warning.
func (r *ranged) add(matrix model.Matrix, from, to int) error {
	seen := make(map[string]bool, len(matrix))
	answered := make([]bool, to-from)
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
		if err := r.fill(r.series[i].Values, stream.Values, answered, from); err != nil {
			return err
		}
	}
	if step := stride(answered); step > 1 {
		r.warn(
			fmt.Sprintf(
				"it was asked for every %s and answered for every %s: it does not keep to the step, or what it reads is scraped that seldom; what is between counts as not known",
				r.grid.Step,
				r.grid.Step*slo.Window(step),
			),
		)
	}
	return nil
}

// fill puts one series of a piece that begins at the moment from into its places, and marks them.
func (r *ranged) fill(values []float64, points []model.SamplePair, answered []bool, from int) error {
	last := -1
	for _, p := range points {
		k, ok := r.grid.Index(p.Timestamp.Time())
		at := p.Timestamp.Time().UTC().Format(time.RFC3339)
		switch {
		case !ok || k < from || k >= from+len(answered):
			return fmt.Errorf("the server answered for %s, which was not asked for: it does not keep to the step of %s", at, r.grid.Step)
		case k <= last:
			return fmt.Errorf("the server answered for %s after a later moment, or twice", at)
		}
		last, answered[k-from] = k, true
		if values[k] = float64(p.Value); values[k] != values[k] {
			r.nan++
		}
	}
	return nil
}

// stride is how many moments apart the answered ones are, at least; 1 when that may be chance.
func stride(answered []bool) int {
	const sure = 10
	step, n, last := 0, 0, -1
	for k, yes := range answered {
		if !yes {
			continue
		}
		if last >= 0 {
			for a, b := step, k-last; ; a, b = b, a%b {
				if step = a; b == 0 {
					break
				}
			}
		}
		n, last = n+1, k
	}
	if n < sure {
		return 1
	}
	return step
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
	out := slo.Answer{Warnings: r.warnings, NaN: r.nan, Series: make([]slo.Series, 0, len(keys))}
	for _, key := range keys {
		out.Series = append(out.Series, r.series[r.at[key]])
	}
	return out
}
