package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// maxForm is the largest page, and the largest JSON of one, that is kept in memory, in bytes.
const maxForm = 32 << 20

// errLarge is why a form of a page is not kept.
var errLarge = fmt.Errorf("it is larger than %d MiB", maxForm>>20)

// bounded holds what is written, up to maxForm bytes.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxForm {
		return 0, errLarge
	}
	return b.Buffer.Write(p)
}

// discover finds the pages, and reports whether they are others than before.
func (s *Site) discover() bool {
	pages, err := s.Find()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem = ""; err != nil {
		s.problem = report.Safe(err.Error())
		s.Log("the files could not be searched: %s", s.problem)
		return false
	}
	for _, p := range s.pages { // what is gone is not forgotten: its page says so
		if !slices.ContainsFunc(pages, func(other Page) bool { return other.Name == p.Name }) {
			pages = append(pages, p)
		}
	}
	same := slices.EqualFunc(s.pages, pages, func(a, b Page) bool { return a.Name == b.Name && a.Command == b.Command })
	s.pages = pages
	return !same
}

// refresh makes the pages that wanted says, one after the other. A page that fails keeps what it was.
func (s *Site) refresh(ctx context.Context, wanted func(Page) bool) {
	pages, _, _ := s.snapshot()
	for _, p := range pages {
		if ctx.Err() != nil || !wanted(p) {
			continue
		}
		if k := s.renew(ctx, p, pages); ctx.Err() == nil {
			s.keep(p, k)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index = s.makeIndex()
}

// keep puts what is remembered of a page in its place.
func (s *Site) keep(p Page, k kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]kept{}
	}
	s.kept[p.Name] = k
	s.counts.refreshed(k)
	if k.problem != "" {
		s.Log("the refresh of page %s failed: %s", p.Name, k.problem)
	}
}

// renew makes a page. What could not be made anew stays what it was, with the reason; a page of which only a part could be made is shown
// where there is no whole one.
func (s *Site) renew(ctx context.Context, p Page, pages []Page) kept {
	s.mu.RLock()
	was := s.kept[p.Name]
	s.mu.RUnlock()
	begin := time.Now()
	made, err := safely(ctx, p)
	k := kept{tried: s.Now(), digest: report.DigestOf(made.View)}
	switch {
	case err != nil:
	case made.Undone:
		err = errors.New(undone(made.View))
	case k.digest.Bare:
		err = errors.New(k.digest.Next)
	}
	if made.View.Title != "" && (err == nil || was.made.IsZero()) {
		if failed := k.fill(made, menu(pages, p.Name)); failed != nil {
			err = errors.Join(err, failed)
		} else {
			k.made = k.tried
		}
	}
	if k.made.IsZero() {
		was.tried = k.tried
		k = was
	}
	k.took, k.problem = time.Since(begin), ""
	if err != nil {
		k.problem = report.Safe(err.Error())
	}
	return k
}

// safely makes a page, so that a fault in one ends no other.
func safely(ctx context.Context, p Page) (made Made, err error) {
	defer func() {
		if r := recover(); r != nil {
			made, err = Made{}, fmt.Errorf("a fault in the program: %v\n%s", r, debug.Stack())
		}
	}()
	return p.Make(ctx)
}

// undone says what could not be read.
func undone(v report.View) string {
	n, first := 0, ""
	for _, f := range v.Findings {
		if f.ID == diag.Unread && f.Severity == diag.Error {
			if n++; n == 1 {
				first = f.String()
			}
		}
	}
	if n == 1 {
		return first
	}
	return fmt.Sprintf("%d of the inputs could not be read; the first: %s", n, first)
}

// fill makes the forms that are kept of a view.
func (k *kept) fill(m Made, pages []report.SitePage) (err error) {
	m.Origin.Site = &report.Site{Pages: pages}
	if k.before, k.after, err = report.WriteSitePage(m.View, m.Origin); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if len(k.before)+len(k.after) > maxForm {
		return fmt.Errorf("make the page: %w", errLarge)
	}
	var b bounded
	switch err := report.Write(&b, report.JSON, m.View, report.Style{}); {
	case err == nil:
		k.json = bytes.Clone(b.Bytes())
	case !errors.Is(err, errLarge):
		return fmt.Errorf("make the JSON of the page: %w", err)
	}
	k.forms = &forms{}
	k.found = map[diag.Severity]int{}
	for _, f := range m.View.Findings {
		k.found[f.Severity]++
	}
	return nil
}
