// Package contain looks for states of a cluster in which old alert rules tell somebody and new ones nobody.
//
// The way through it: an alert → the series that it reads → assignments of values that make its expression true (Generator) → worlds of
// 3 to 1,000 objects of which some are in such a state → the same series played to the new rules, in Prometheus's own engine → Result with
// a counter-example, or with the number of states that were tried. States are standing ones: they last until somebody acts, and have
// lasted as long as the rules look back. What it does not find may still be there.
package contain

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// Options say how far to look.
type Options struct {
	Sizes  []int    // how many objects there are: two are tried with every state, the third with the first; 3, 50 and 1,000 where it is nil
	States int      // how many assignments of values that make an alert fire are tried; 0 means 6
	Tells  []string // severities that tell somebody; critical, page, warning and ticket where it is nil
	Seed   uint64
}

func (o Options) filled() Options {
	if o.Sizes == nil {
		o.Sizes = []int{3, 50, 1000}
	}
	if o.States == 0 {
		o.States = 6
	}
	if o.Tells == nil {
		o.Tells = []string{"critical", "page", "warning", "ticket"}
	}
	return o
}

// Result is what was found of one alert.
type Result struct {
	Alert    string   `json:"alert"`
	Severity string   `json:"severity"`
	States   int      `json:"states"` // that were played: each tells somebody by the old rules
	By       []string `json:"by"`     // the new alerts that tell of them
	Example  *Example `json:"example,omitempty"`
	// Unread says why no state was made, "" where some were.
	Unread string `json:"unread,omitempty"`
}

// Example is a state that tells somebody by the old rules and nobody by the new.
type Example struct {
	Objects int      `json:"objects"`
	Bad     int      `json:"bad"`
	Series  []string `json:"series"` // of one object in that state, with what each does
}

// String says an example in a sentence.
func (e Example) String() string {
	return fmt.Sprintf("%d of %d objects with %s", e.Bad, e.Objects, strings.Join(e.Series, ", "))
}

// Search looks for a state that makes an alert of the old rules fire and of which the new rules tell nobody. What the new rules tell where
// no object is in that state does not count.
func Search(ctx context.Context, old []rules.File, alert *rules.Rule, severity string, after []rules.File, o Options) Result {
	o = o.filled()
	out := Result{Alert: alert.Alert, Severity: severity, By: []string{}}
	g, err := newGenerator(groupsOf(old), alert, o.Seed)
	if err != nil {
		out.Unread = err.Error()
		return out
	}
	bad := g.assignments(ctx, o.States)
	if len(bad) == 0 {
		out.Unread = "no values were found that make its expression true"
		return out
	}
	tells := func(severity string) bool { return slices.Contains(o.Tells, severity) }
	s := search{generator: g, after: inOrder(eval.Concerned(groupsOf(after), g.one(), tells).Groups), tells: tells,
		told: map[string]bool{}, quiet: map[int]*quiet{}}
	s.calmest(ctx)
	for i, b := range bad {
		for n, size := range o.Sizes {
			if n == 2 && i > 0 {
				break // the largest once: what one state of many objects shows, all do
			}
			if out.Example = s.play(ctx, size, b, &out.States); out.Example != nil {
				return out
			}
		}
	}
	out.By = slices.Sorted(maps.Keys(s.told))
	if out.States == 0 {
		out.Unread = "its expression is true of no state that was made"
	}
	return out
}

// search is what a search knows of both sides.
type search struct {
	*generator
	after []rules.Placed // the new rules that can notice, in the order in which they read each other
	tells func(severity string) bool
	well  assignment      // of objects that are well
	told  map[string]bool // the new alerts that told of something
	quiet map[int]*quiet  // by size: all objects are well
}

// quiet is what is said where all objects are well.
type quiet struct {
	old bool            // the old alert fires
	new map[uint64]bool // what the new rules say
}

func (s *search) allWell(ctx context.Context, size int) *quiet {
	if s.quiet[size] == nil {
		w := world{generator: s.generator, size: size, well: s.well}
		q := &quiet{old: w.fires(ctx), new: map[uint64]bool{}}
		for _, a := range w.settled(ctx, s.after, s.tells) {
			q.new[a.hash] = true
		}
		s.quiet[size] = q
	}
	return s.quiet[size]
}

// calmest finds values that make neither side tell anybody, or as few as it can, of one object as of many.
func (s *search) calmest(ctx context.Context) {
	draws := []assignment{s.calm()}
	if slices.ContainsFunc(s.templates, func(t template) bool { return t.kind == gauge }) {
		zeros := slices.Clone(draws[0])
		for i, t := range s.templates {
			if t.kind == gauge {
				zeros[i] = 0
			}
		}
		draws = []assignment{zeros, draws[0], s.calm(), s.calm(), s.calm(), s.calm()}
	}
	fewest := math.MaxInt
	s.well = draws[0]
	for _, a := range draws {
		if w := (world{generator: s.generator, size: 50, well: a}); w.fires(ctx) {
			continue
		}
		w := world{generator: s.generator, size: 3, well: a}
		if n := len(w.settled(ctx, s.after, s.tells)); n < fewest {
			s.well, fewest = a, n
		}
		if fewest == 0 {
			return
		}
	}
}

// play tries a state with one, a tenth and all of so many objects in it, and gives the first that the new rules tell nobody of.
func (s *search) play(ctx context.Context, size int, ill assignment, states *int) *Example {
	well := s.allWell(ctx, size)
	if well.old {
		return nil // so many objects that are well make the old alert fire as well
	}
	for _, bad := range ailing(size) {
		w := world{generator: s.generator, size: size, bad: bad, ill: ill, well: s.well}
		if !w.fires(ctx) {
			continue // so many healthy objects beside it keep the old alert silent, too
		}
		*states++
		all := slices.DeleteFunc(w.settled(ctx, s.after, s.tells), func(a said) bool { return well.new[a.hash] })
		if len(all) == 0 && ctx.Err() == nil {
			return &Example{Objects: size, Bad: bad, Series: s.words(ill)}
		}
		for _, a := range all {
			s.told[a.alert] = true
		}
	}
	return nil
}

// ailing is how many objects of so many are in the state: one, a tenth, all.
func ailing(size int) []int {
	return slices.Compact([]int{1, max(1, size/10), size})
}

func groupsOf(files []rules.File) []rules.Group {
	var out []rules.Group
	for _, f := range files {
		out = append(out, f.Groups...)
	}
	return out
}
