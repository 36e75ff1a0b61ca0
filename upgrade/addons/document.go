package addons

import (
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/windows"
)

// document is the form of a file of add-ons: one add-on a document.
type document struct {
	Version      yamlx.At[int]        `yaml:"version,required"`
	Addon        yamlx.At[string]     `yaml:"addon,required"`
	Title        string               `yaml:"title"`
	Aliases      []yamlx.At[string]   `yaml:"aliases"`
	MinorStep    *yamlx.At[int]       `yaml:"minorStep"`
	Page         string               `yaml:"page"`
	Images       []string             `yaml:"images"`
	Charts       []string             `yaml:"charts"`
	ChartVersion *bool                `yaml:"chartVersion"`
	Retired      *retiredDoc          `yaml:"retired"`
	Notes        []string             `yaml:"notes"`
	Sources      map[string]sourceDoc `yaml:"sources"`
	Releases     []releaseDoc         `yaml:"releases"`
}

type retiredDoc struct {
	Date    windows.Day      `yaml:"date,required"`
	Reason  string           `yaml:"reason,required"`
	Instead []string         `yaml:"instead"`
	Source  yamlx.At[string] `yaml:"source,required"`
}

type sourceDoc struct {
	Title string      `yaml:"title,required"`
	URL   string      `yaml:"url"`
	Read  windows.Day `yaml:"read,required"`
}

type releaseDoc struct {
	Version    yamlx.At[string] `yaml:"version,required"`
	Kubernetes yamlx.At[Range]  `yaml:"kubernetes,required"`
	Semantics  Semantics        `yaml:"semantics,required"`
	Confidence Confidence       `yaml:"confidence,required"`
	Source     yamlx.At[string] `yaml:"source,required"`
	Released   windows.Day      `yaml:"released"`
	Note       string           `yaml:"note"`
	Pos        diag.Position
}
