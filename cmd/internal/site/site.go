// Package site keeps pages in memory, makes them anew when their files change or time has passed, and serves them to readers.
//
// The way through it: Find names the pages → each is made, one at a time → what was made is kept as bytes → readers get the bytes. A page
// that could not be made anew stays as it was, and says so. The package knows no command, writes nothing and takes nothing from readers
// but the address of a page.
package site

import (
	"context"
	"maps"
	"sync"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// Page is one page: how it is made, and from which files.
type Page struct {
	Name    string   // in the menu; in lower case and without spaces it is the address
	Command string   // that shows the same, to be copied
	Files   []string // and folders: a change makes the page anew
	Make    func(context.Context) (Made, error)
}

// Made is a page as it was made.
type Made struct {
	View   report.View
	Origin report.Origin
	Undone bool // some of the inputs could not be read
}

// Site is the pages and how they are kept.
type Site struct {
	Find  func() ([]Page, error) // the pages there are now
	Files []string               // and folders, in which they are found
	Every time.Duration          // how often all pages are made anew
	Look  time.Duration          // how often files are looked at for changes, at most
	Now   func() time.Time
	Hosts []string // names, besides addresses and localhost, by which readers may ask
	Log   func(format string, args ...any)

	mu      sync.RWMutex
	pages   []Page
	kept    map[string]kept // by the name of the page
	index   kept
	problem string // why the pages could not be found
	counts  counts
}

// kept is what is remembered of a page.
type kept struct {
	before, after []byte // the page, around what is said of when it is
	json          []byte // nil where it is too large
	forms         *forms
	digest        report.Digest
	found         map[diag.Severity]int
	made, tried   time.Time     // zero while it was not
	took          time.Duration // the newest attempt
	problem       string        // of the newest attempt
}

// fine reports whether the newest attempt to make a page went well.
func (k kept) fine() bool { return !k.made.IsZero() && k.problem == "" }

// snapshot is the pages and what is kept of them.
func (s *Site) snapshot() ([]Page, map[string]kept, string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pages, maps.Clone(s.kept), s.problem
}
