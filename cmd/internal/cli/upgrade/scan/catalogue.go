package scan

import (
	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/upgrade/apis"
)

// readCatalogues loads what a scan judges by; addons are files with more custom resources.
func readCatalogues(a *app.App, addons []string) (apis.Catalogues, error) {
	c, err := input.Catalogues(a)
	if err != nil {
		return c, err
	}
	for _, name := range addons {
		in, err := a.Read(name)
		if err != nil {
			return c, err
		}
		if err := c.Addons.Add(in.Name, string(in.Data)); err != nil {
			return c, err
		}
	}
	return c, nil
}
