package scan

import (
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	manifest "treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
	"treadmill/upgrade/apis/warn"
)

// catalogues are what a scan judges by.
type catalogues struct {
	apis, config *lifecycle.Table
	addons       lifecycle.Customs
	warnings     *warn.Table
}

// readCatalogues loads the embedded ones; addons are files with more custom resources.
func readCatalogues(a *app.App, addons []string) (c catalogues, err error) {
	if c.apis, err = lifecycle.Load(); err != nil {
		return c, err
	}
	if c.config, err = lifecycle.LoadConfig(); err != nil {
		return c, err
	}
	if c.warnings, err = warn.Load(); err != nil {
		return c, err
	}
	if c.addons, err = lifecycle.LoadCustom(); err != nil {
		return c, err
	}
	for _, name := range addons {
		in, err := a.Read(name)
		if err != nil {
			return c, err
		}
		if err := c.addons.Add(in.Name, string(in.Data)); err != nil {
			return c, err
		}
	}
	return c, nil
}

// want reports whether an object may have to change in some release.
func (c catalogues) want(apiVersion, kind []byte) bool {
	return c.apis.Fading(apiVersion, kind) || c.config.Fading(apiVersion, kind) || c.addons.Fading(apiVersion, kind)
}

// judge finds what is the matter in files besides built-in APIs.
func (c catalogues) judge(seen manifest.Result, target upgrade.Minor) []scan.Finding {
	return slices.Concat(scan.Config(seen.Objects, c.config, target), scan.Addons(seen.Objects, c.addons),
		scan.References(seen.References, c.apis, target), scan.Warnings(seen.Uses, c.apis, target))
}
