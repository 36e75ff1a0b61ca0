package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"treadmill/rules/backtest"
	"treadmill/rules/tsdb"
	"treadmill/slo"
)

// blocks opens the folder of a Prometheus server's data. It stays open until the process ends.
func (a *app) blocks(dir string) (source, error) {
	db, err := tsdb.Open(dir, tsdb.Files{
		List: func(dir string) ([]string, error) {
			entries, err := a.folder(dir)
			if err == nil && entries == nil {
				err = errors.New("it is no folder")
			}
			var names []string
			for _, e := range entries {
				name := e.Name()
				if e.IsDir() {
					name += "/"
				}
				names = append(names, name)
			}
			return names, cause(err)
		},
		Read: func(name string) ([]byte, error) {
			f, err := a.env.Open(name)
			if err != nil {
				return nil, cause(err)
			}
			defer f.Close()
			return io.ReadAll(io.LimitReader(f, 1<<20))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the history cannot be read: %w", err)
	}
	return blocks{backtest.Local{Store: db}, db}, nil
}

// blocks is the history in the folder of a server's data.
type blocks struct {
	backtest.Local
	db *tsdb.DB
}

// Range answers as Local does, and warns of a time that is in no block yet.
func (b blocks) Range(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error) {
	answer, err := b.Local.Range(ctx, query, grid)
	if until, newer := b.db.Head(); err == nil && newer && grid.N > 0 && grid.At(grid.N-1).After(until) {
		answer.Warnings = append(answer.Warnings, "the blocks end at "+until.Format(minuteFormat)+"; what is newer is in the write-ahead log of the server, which is not read: take a snapshot, or ask the server")
	}
	return answer, err
}
