package report

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"treadmill/internal/diag"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *struct{}     `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite per file and a case per check, and one per finding that belongs to none. Warnings and errors are failures,
// information is a passing case with its text as output; without findings there is one passing case, as CI systems take an empty file for
// a broken run.
func writeJUnit(w io.Writer, v View) error {
	out := junitSuites{Name: "treadmill"}
	told := map[diag.Finding]bool{}
	for _, c := range v.Cases {
		out.suite(c.Place.File).check(c)
		for _, f := range c.Findings {
			told[f] = true
		}
	}
	for _, f := range v.Findings {
		if !told[f] {
			out.suite(suiteName(f)).add(f)
		}
	}
	if len(out.Suites) == 0 {
		out.Suites = []junitSuite{{Name: "treadmill", Tests: 1, Cases: []junitCase{{Class: "treadmill", Name: "no findings"}}}}
	}
	for _, s := range out.Suites {
		out.Tests += s.Tests
		out.Failures += s.Failures
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// suite gives the suite of a name, a new one at the end when there is none.
func (out *junitSuites) suite(name string) *junitSuite {
	i := slices.IndexFunc(out.Suites, func(s junitSuite) bool { return s.Name == name })
	if i < 0 {
		i = len(out.Suites)
		out.Suites = append(out.Suites, junitSuite{Name: name})
	}
	return &out.Suites[i]
}

// check adds a check as one case, failed when it found a warning or an error.
func (s *junitSuite) check(c Case) {
	out := junitCase{Class: c.Place.File, Name: c.Name, File: c.Place.File, Line: c.Place.Line}
	var messages, texts []string
	worst := diag.Info
	for _, f := range c.Findings {
		messages, texts, worst = append(messages, f.Message), append(texts, f.String()), max(worst, f.Severity)
	}
	s.Tests++
	if c.Skipped {
		s.Skipped++
		out.Skipped = &struct{}{}
	}
	if worst > diag.Info {
		s.Failures++
		out.Failure = &junitFailure{
			Type:    worst.String(),
			Message: strings.Join(messages, "; "),
			Text:    strings.Join(append(texts, c.Output), "\n"),
		}
	} else {
		out.Output = strings.Join(append(texts, c.Output), "\n")
	}
	s.Cases = append(s.Cases, out)
}

func suiteName(f diag.Finding) string {
	if f.File == "" {
		return "treadmill"
	}
	return f.File
}

func (s *junitSuite) add(f diag.Finding) {
	c := junitCase{Class: f.ID, Name: f.Message, File: f.File, Line: f.Line}
	s.Tests++
	if f.Severity == diag.Info {
		c.Output = f.String()
	} else {
		s.Failures++
		c.Failure = &junitFailure{Type: f.Severity.String(), Message: f.Message, Text: f.String()}
	}
	s.Cases = append(s.Cases, c)
}
