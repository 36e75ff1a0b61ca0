// Package report shows one result in any output format.
//
// The way through it: a command makes one View; Write puts it out in one Format. A new command gets every format and a
// new format gets every command. The package knows no command, no exit status and no domain.
package report

import (
	"io"

	"treadmill/internal/diag"
)

// View is one result in the shapes that formats are made from. Parts that a command does not have stay empty. A view does not know in which
// format it will be shown: what costs much to make, or is another one for some formats, is a function that those formats call.
type View struct {
	Title    string                // one line: names the result in markdown and html
	Lead     []string              // sentences that come first: what the reader must know
	Data     any                   // the stable machine shape, or a Later that makes it: json, yaml
	Document []byte                // a generated file: what text shows instead of tables, so that it can be piped
	Stream   func(io.Writer) error // writes a document that is too large to be held, instead of Document
	Tables   []Table               // the human shape: text, markdown, html; csv shows the first one
	Charts   []Chart               // html
	Figures  []Figure              // html: the three to six numbers that matter; without them, those of the first table and the findings
	Findings []diag.Finding        // the located shape: sarif, junit, github, gitlab; text lists them after the tables
	Hidden   []diag.Finding        // findings that no format shows and that count for the exit status
	Cases    []Case                // junit: what was checked, where that is more than the findings say
	Tabled   bool                  // the tables show the findings already, so that text, markdown and html do not repeat them
	Notes    []string              // sentences that come last
	Room     Room                  // markdown: how long it may be
	Unseen   string                // what it means that something could not be seen, and what accepts that; "" for inputs that could not be read

	Whole func() Body  // makes lead, tables, charts and notes, for formats that show them, instead of those above
	Brief func() Body  // the same, shortened to what people read at a glance: text and markdown
	List  func() Table // the table that csv shows, where that is not the first one
}

// Body is what people read of a view.
type Body struct {
	Lead    []string
	Tables  []Table
	Charts  []Chart
	Figures []Figure
	Tabled  bool
	Notes   []string
}

// Later makes a machine shape that is wanted by few formats and costs to make.
type Later func() any

// data is the machine shape.
func (v View) data() any {
	if later, ok := v.Data.(Later); ok {
		return later()
	}
	return v.Data
}

// whole is the view with all that people read in it.
func (v View) whole() View {
	if v.Whole != nil {
		v = v.with(v.Whole())
	}
	return v
}

// brief is the view with what people read at a glance.
func (v View) brief() View {
	if v.Brief != nil {
		return v.with(v.Brief())
	}
	return v.whole()
}

func (v View) with(b Body) View {
	v.Lead, v.Tables, v.Charts, v.Figures, v.Tabled, v.Notes = b.Lead, b.Tables, b.Charts, b.Figures, b.Tabled, b.Notes
	v.Whole, v.Brief = nil, nil
	return v
}

// list is the table that a format of one table shows; none where there is none.
func (v View) list() (Table, bool) {
	if v.List != nil {
		return v.List(), true
	}
	if v = v.whole(); len(v.Tables) > 0 {
		return v.Tables[0], true
	}
	return Table{}, false
}

// Case is one check that ran and what it found; it passed when it found nothing.
type Case struct {
	Name     string
	Place    diag.Position // its file is the suite that it belongs to
	Findings []diag.Finding
	Output   string
	Skipped  bool // it could not run
}

// Table is rows under named columns.
type Table struct {
	Title   string
	Columns []Column
	Rows    []Row
	Worst   bool // a page shows the rows first that need somebody: the order says nothing else
	more    int  // rows that a page leaves out
}

// Column names what a column holds.
type Column struct {
	Name  string
	Right bool  // numbers align right
	Wide  bool  // for -o wide and csv; text, markdown and html leave it out
	Keep  bool  // its cells stay on their line, such as dates
	Rank  uint8 // how soon it goes where a terminal is too narrow: the highest first; 0 stays
}

// Row is the cells of one row, as many as there are columns, and how much it wants to be seen.
type Row struct {
	Cells []string
	Tone  Tone
	Link  string // html: where the first cell leads
}

// Tone is how much a row wants to be seen. It never carries meaning that the cells do not say in words.
type Tone uint8

// The tones.
const (
	Plain Tone = iota
	Good
	Warn
	Bad
	Muted
)

// Chart is a picture for the html format.
type Chart interface {
	// Caption says in one sentence what the picture shows.
	Caption() string
	// Words says in lines what the picture shows, for a reader who cannot see it or wants the numbers.
	Words() []string
	// SVG writes the picture as svg elements, side by side, that take their colours from the page's variables.
	SVG(w io.Writer) error
}

// Style is how text is laid out.
type Style struct {
	Color  bool
	Width  int                                                   // columns of the terminal; 0 means that lines may have any length
	Origin Origin                                                // html: where the page comes from
	Source func(file string, line int) (text string, known bool) // the lines of inputs, to show what findings speak of
}

// ToneOf is the tone that shows a severity.
func ToneOf(s diag.Severity) Tone {
	return [...]Tone{diag.Info: Muted, diag.Warning: Warn, diag.Error: Bad}[s]
}
