package report

import (
	"encoding/xml"
	"io"

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
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite per file and a case per finding. Warnings and errors are failures, information is a passing
// case with its text as output; without findings there is one passing case, as CI systems take an empty file for a broken run.
func writeJUnit(w io.Writer, v View) error {
	out := junitSuites{Name: "treadmill"}
	for _, f := range v.Findings {
		if n := len(out.Suites); n == 0 || out.Suites[n-1].Name != suiteName(f) {
			out.Suites = append(out.Suites, junitSuite{Name: suiteName(f)})
		}
		out.Suites[len(out.Suites)-1].add(f)
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
