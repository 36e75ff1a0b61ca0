package input

import (
	"treadmill/cmd/internal/app"
	"treadmill/rules/lint"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/component"
)

// Catalogues are what APIs are judged by: those of the binary, or of a snapshot.
func Catalogues(a *app.App) (apis.Catalogues, error) {
	files, err := a.Facts("lifecycle")
	if err != nil {
		return apis.Catalogues{}, err
	}
	components, err := a.Facts("component")
	if err != nil {
		return apis.Catalogues{}, err
	}
	return apis.In(files, components)
}

// Lifecycle is the catalogue of built-in APIs in use.
func Lifecycle(a *app.App) (*lifecycle.Table, error) {
	files, err := a.Facts("lifecycle")
	if err != nil {
		return nil, err
	}
	return lifecycle.In(files)
}

// Metrics is the catalogue of metrics in use.
func Metrics(a *app.App) (*lint.Catalogue, error) {
	files, err := a.Facts("lint")
	if err != nil {
		return nil, err
	}
	return lint.In(files)
}

// Gates are the feature gates in use.
func Gates(a *app.App) (component.Gates, error) {
	files, err := a.Facts("component")
	if err != nil {
		return component.Gates{}, err
	}
	return component.GatesIn(files)
}
