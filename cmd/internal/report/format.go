package report

import (
	"errors"
	"io"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
)

// Format is the name of an output format. It is a flag value: Set refuses unknown names.
type Format string

// The formats. Wide is text with every column.
const (
	Text     Format = "text"
	Wide     Format = "wide"
	JSON     Format = "json"
	YAML     Format = "yaml"
	Markdown Format = "markdown"
	CSV      Format = "csv"
	HTML     Format = "html"
	SARIF    Format = "sarif"
	JUnit    Format = "junit"
	GitHub   Format = "github"
	GitLab   Format = "gitlab"
)

// Formats lists every format in the order of the help text.
func Formats() []Format {
	return []Format{Text, Wide, JSON, YAML, Markdown, CSV, HTML, SARIF, JUnit, GitHub, GitLab}
}

// String returns the name.
func (f *Format) String() string { return string(*f) }

// Type is the word that stands for the value in help texts.
func (f *Format) Type() string { return "format" }

// Words lists the names.
func (f *Format) Words() []string { return names() }

// Set takes a format by name.
func (f *Format) Set(name string) error {
	if !slices.Contains(Formats(), Format(name)) {
		return errors.New(yamlx.DidYouMean(name, names(), "want one of "+FormatNames()))
	}
	*f = Format(name)
	return nil
}

// FormatNames lists the names, separated by commas.
func FormatNames() string {
	return strings.Join(names(), ", ")
}

func names() []string {
	var out []string
	for _, f := range Formats() {
		out = append(out, string(f))
	}
	return out
}

// Write shows the view in a format.
func Write(w io.Writer, f Format, v View, s Style) error {
	switch f {
	case JSON:
		return writeJSON(w, v)
	case YAML:
		return writeYAML(w, v)
	case Markdown:
		return writeMarkdown(w, v.brief())
	case CSV:
		return writeCSV(w, v)
	case HTML:
		return writeHTML(w, v.whole(), s.Origin)
	case SARIF:
		return writeSARIF(w, v)
	case JUnit:
		return writeJUnit(w, v)
	case GitHub:
		return writeGitHub(w, v)
	case GitLab:
		return writeGitLab(w, v)
	case Wide:
		return writeText(w, v.whole(), s, true)
	default:
		return writeText(w, v.brief(), s, false)
	}
}
