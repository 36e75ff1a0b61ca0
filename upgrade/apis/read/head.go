package read

import (
	"iter"
	"slices"
	"strings"
)

// Head is the part of an object that names it, as a reader of one syntax saw it. Texts point into the document.
type Head struct {
	APIVersion, Kind, Name, Namespace []byte
	Line, Column, Wide                int    // of the value of apiVersion, or of the object; 0 columns wide when its end is not known
	parent                            int    // the list that the object is an item of; -1 for none
	items, meta                       bool   // it has the key
	odd                               string // the key that should name the object and is no text
}

func (h *Head) oddUnless(ok bool, key string) {
	if !ok {
		h.odd = key
	}
}

func (h *Head) isList() bool {
	return string(h.Kind) == "List" || h.items && strings.HasSuffix(string(h.Kind), "List")
}

// named reports whether both halves of an API are written in the object itself.
func (h Head) named() bool { return len(h.APIVersion) > 0 && len(h.Kind) > 0 }

// Heads are those of one document: lists come before their items.
type Heads []Head

// Objects gives every object: items of typed lists take what they leave out from their list, and lists themselves are no
// objects.
func (l Heads) Objects() iter.Seq[*Head] {
	return func(yield func(*Head) bool) {
		for i := range l {
			h := &l[i]
			if h.parent >= 0 {
				h.inherit(&l[h.parent])
			}
			if len(h.APIVersion) > 0 && len(h.Kind) > 0 && !h.isList() && !yield(h) {
				return
			}
		}
	}
}

// OpenShiftTemplate is the kind whose objects stand in its list "objects", with parameters to fill in.
const OpenShiftTemplate = "Template"

// holds reports whether a key of an object names more objects.
func (h *Head) holds(key string) bool {
	return key == "items" || key == "objects" && string(h.Kind) == OpenShiftTemplate
}

// have reports whether there is an object of a kind.
func (l Heads) have(kind string) bool {
	return slices.ContainsFunc(l, func(h Head) bool { return string(h.Kind) == kind })
}

// inherit takes from a typed list what its item leaves out.
func (h *Head) inherit(list *Head) {
	kind, typed := strings.CutSuffix(string(list.Kind), "List")
	if !typed || kind == "" {
		return
	}
	if len(h.APIVersion) == 0 {
		h.APIVersion = list.APIVersion
	}
	if len(h.Kind) == 0 {
		h.Kind = []byte(kind)
	}
}

// KindOf is the kind of the object at an index, or what its list says that it is.
func (l Heads) KindOf(i int) string {
	if len(l[i].Kind) > 0 || l[i].parent < 0 {
		return string(l[i].Kind)
	}
	return strings.TrimSuffix(string(l[l[i].parent].Kind), "List")
}
