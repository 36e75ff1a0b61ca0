package crd_test

import (
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/crd"
)

// What is built stands for what it was built from, once for all kustomizations that build the same; what renders differently stays.
func TestOrder(t *testing.T) {
	def := func(file string, built, served bool) crd.Definition {
		d := crd.Definition{Position: diag.Position{File: file, Line: 1, Column: 13}, Built: built}
		d.Metadata.Name = "widgets.example.com"
		d.Spec.Versions = []crd.Version{{Name: "v1", Served: served}}
		return d
	}
	got := crd.Order([]crd.Definition{
		def("b", false, true), def("a", true, false), def("a", false, true), def("a", true, true), def("a", true, false),
	})
	want := []crd.Definition{def("a", true, false), def("a", true, true), def("b", false, true)}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i].File != want[i].File || got[i].Built != want[i].Built || got[i].Spec.Versions[0] != want[i].Spec.Versions[0] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
}
