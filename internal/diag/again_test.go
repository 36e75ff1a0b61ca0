package diag_test

import (
	"slices"
	"testing"

	"treadmill/internal/diag"
)

func TestAgain(t *testing.T) {
	object := func(file string, line int, name string) diag.Mark {
		return diag.Mark{Position: diag.Position{File: file, Line: line}, ID: "api/removed", Object: name}
	}
	input := func(file string, line int, message string) diag.Mark {
		return diag.Mark{Position: diag.Position{File: file, Line: line, Column: 1}, ID: "input/syntax", Message: message}
	}
	list := func(m ...diag.Mark) []diag.Mark { return m }
	at := func(files ...string) (out []diag.Mark) {
		for _, file := range files {
			out = append(out, object(file, 1, "x"))
		}
		return out
	}
	for name, c := range map[string]struct {
		before, after []diag.Mark
		want          []int
	}{
		"lines move":                 {list(object("a.yaml", 3, "x")), list(object("a.yaml", 9, "x")), []int{0}},
		"once":                       {list(object("a.yaml", 3, "x")), list(object("a.yaml", 3, "x"), object("b.yaml", 3, "x")), []int{0, -1}},
		"another object":             {list(object("a.yaml", 3, "x")), list(object("a.yaml", 3, "y")), []int{-1}},
		"from another folder":        {list(object("deploy/a.yaml", 3, "x")), list(object("../repo/deploy/a.yaml", 3, "x")), []int{0}},
		"another checkout":           {list(object("/tmp/base/deploy/a.yaml", 3, "x")), list(object("/home/me/deploy/a.yaml", 3, "x")), []int{0}},
		"another checkout, inputs":   {list(input("/tmp/base/d/a.yaml", 3, "m")), list(input("/home/me/d/a.yaml", 7, "m")), []int{0}},
		"the same path first":        {at("b/a.yaml", "a.yaml"), at("a.yaml", "b/a.yaml"), []int{1, 0}},
		"a path that comes later":    {list(object("b.yaml", 1, "x")), list(object("a.yaml", 1, "x"), object("b.yaml", 1, "x")), []int{-1, 0}},
		"the folder that is nearest": {at("/1/dev/a.yaml", "/1/prod/a.yaml"), at("/2/prod/a.yaml", "/2/dev/a.yaml"), []int{1, 0}},
		"a file with another name":   {list(object("old/web.yaml", 1, "x")), list(object("new/site.yaml", 5, "x")), []int{0}},
		"inputs that were moved":     {list(input("old/web.yaml", 2, "m")), list(input("new/web.yaml", 8, "m")), []int{0}},
		"inputs with another name":   {list(input("web.yaml", 2, "m")), list(input("site.yaml", 2, "m")), []int{0}},
		"another input":              {list(input("web.yaml", 2, "m")), list(input("site.yaml", 3, "m")), []int{-1}},
		"another fault of the file":  {list(input("web.yaml", 2, "m")), list(input("web.yaml", 2, "n")), []int{-1}},
		"any fault of the file":      {list(input("web.yaml", 2, "")), list(input("web.yaml", 3, "")), []int{0}},
		"of another file, any fault": {list(input("a/web.yaml", 2, "")), list(input("b/web.yaml", 2, "")), []int{-1}},
		"contexts do not move":       {list(object("context east", 0, "x")), list(object("context west", 0, "x")), []int{-1}},
		"no place":                   {list(input("", 0, "m")), list(input("", 0, "m"), input("", 0, "m")), []int{0, -1}},
	} {
		if got := diag.Again(c.before, c.after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A message that names places says the same when these move.
func TestSaid(t *testing.T) {
	a, b := `the same object as base/a.yaml:3:1, which wins (deploy/b.yaml:12)`, `the same object as /src/base/a.yaml:7:1, which wins (c.yaml:1)`
	if diag.Said(a) != diag.Said(b) {
		t.Errorf("%q and %q", diag.Said(a), diag.Said(b))
	}
	if s := "apps/v1 Deployment web: gone in 1.25"; diag.Said(s) != s {
		t.Error(diag.Said(s))
	}
}
