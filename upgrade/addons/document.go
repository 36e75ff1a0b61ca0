package addons

import (
	"treadmill/internal/diag"
	"treadmill/internal/strict"
	"treadmill/upgrade/windows"
)

// document is the form of a file of add-ons: one add-on a document.
type document struct {
	Version      strict.At[int]       `yaml:"version,required"`
	Addon        strict.At[string]    `yaml:"addon,required"`
	Title        string               `yaml:"title"`
	Aliases      []strict.At[string]  `yaml:"aliases"`
	MinorStep    *strict.At[int]      `yaml:"minorStep"`
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
	Date    windows.Day       `yaml:"date,required"`
	Reason  string            `yaml:"reason,required"`
	Instead []string          `yaml:"instead"`
	Source  strict.At[string] `yaml:"source,required"`
}

type sourceDoc struct {
	Title string      `yaml:"title,required"`
	URL   string      `yaml:"url"`
	Read  windows.Day `yaml:"read,required"`
}

type releaseDoc struct {
	Version    strict.At[string] `yaml:"version,required"`
	Kubernetes strict.At[Range]  `yaml:"kubernetes,required"`
	Semantics  Semantics         `yaml:"semantics,required"`
	Confidence Confidence        `yaml:"confidence,required"`
	Source     strict.At[string] `yaml:"source,required"`
	Released   windows.Day       `yaml:"released"`
	Note       string            `yaml:"note"`
	Pos        diag.Position
}
