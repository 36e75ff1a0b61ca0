package input

import (
	"errors"
	"fmt"
	"io/fs"

	"treadmill/cmd/internal/app"
	"treadmill/rules/backtest"
	"treadmill/rules/tsdb"
)

// blocks opens the folder of a Prometheus server's data. It stays open until the process ends.
func blocks(a *app.App, dir string) (Asker, error) {
	db, err := tsdb.Open(dir, tsdb.Files{
		List: func(dir string) ([]string, error) {
			entries, err := a.Folder(dir)
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
			return names, app.Cause(err)
		},
		Open: func(name string) (fs.File, error) {
			f, err := a.Env.Open(name)
			return f, app.Cause(err)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("the history cannot be read: %w", err)
	}
	return backtest.Local{Store: db}, nil
}
