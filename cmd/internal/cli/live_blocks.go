package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"treadmill/rules/backtest"
	"treadmill/rules/tsdb"
)

// blocks opens the folder of a Prometheus server's data. It stays open until the process ends.
func (a *app) blocks(dir string) (asker, error) {
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
		Open: func(name string) (fs.File, error) {
			f, err := a.env.Open(name)
			return f, cause(err)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the history cannot be read: %w", err)
	}
	return backtest.Local{Store: db}, nil
}
