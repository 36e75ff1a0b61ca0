package windows_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

const olderForm = `[
 {"cycle": "1.39", "releaseDate": "2027-05-20", "eol": "2028-07-20", "extendedSupport": "2029-07-20", "latest": "1.39-eks-1", "lts": false},
 {"cycle": "1.36", "releaseDate": "2026-06-02", "eol": "2027-08-05", "extendedSupport": true, "latest": "1.36-eks-9"},
 {"cycle": "1.7", "releaseDate": "2018-01-01", "eol": true}
]`

const newerForm = `{"schema_version": "1.2.0", "last_modified": "2026-11-20T12:00:00+00:00", "result": {"name": "azure-kubernetes-service",
 "releases": [{"name": "1.37", "releaseDate": "2026-11-12", "eolFrom": "2027-11-30", "eoesFrom": null, "latest": {"name": "1.37.1", "date": "2026-11-19"}}]}}`

func TestImportEndOfLife(t *testing.T) {
	base := embedded(t)
	got, findings := base.ImportEndOfLife("eks.json", []byte(olderForm), "eks")
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	w, _ := got.Window("eks", upgrade.V1(39))
	if w.Available.Status != windows.Actual || w.StandardEnd.Day.String() != "2028-07-20" || w.ExtendedEnd.Status != windows.Announced {
		t.Errorf("a version that was not dated: %+v", w)
	}
	w, _ = got.Window("eks", upgrade.V1(36))
	if e := w.StandardEnd; e.Source != "aws-docs" || e.Day.String() != "2027-08-02" || len(e.Conflicts) != 1 ||
		e.Conflicts[0].Day.String() != "2027-08-05" {
		t.Errorf("a date that another source gives too: %+v", e)
	}
	if p, _ := got.Provider("eks"); p.Read() != day(t, "2027-05-20") {
		t.Errorf("read on %s", p.Read())
	}

	got, findings = base.ImportEndOfLife("aks.json", []byte(newerForm), "")
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	w, _ = got.Window("aks", upgrade.V1(37))
	if len(w.Available.Conflicts) != 1 || w.Available.Conflicts[0].Day.String() != "2026-11-12" {
		t.Errorf("available = %+v", w.Available)
	}
	if p, _ := got.Provider("aks"); p.Read() != day(t, "2026-11-20") {
		t.Errorf("read on %s", p.Read())
	}
}

func TestImportEndOfLifeOfOpenShiftKnowsItsNames(t *testing.T) {
	openshift := `[{"cycle": "4.23", "releaseDate": "2026-11-03", "support": "2027-05-03", "eol": "2028-05-03"}]`
	got, findings := embedded(t).ImportEndOfLife("f", []byte(openshift), "ocp")
	w, _ := got.Window("openshift", upgrade.V1(36))
	if len(findings) > 0 || w.Release != "4.23" || w.Available.Day.String() != "2026-11-03" || w.Others[0].Name != "full" {
		t.Errorf("findings %v, window %+v", findings, w)
	}
}

func TestImportEndOfLifeRefuses(t *testing.T) {
	for _, c := range []struct{ text, provider, want string }{
		{`[{"cycle": "1.36"`, "eks", "f.json: error: not the JSON of endoflife.date: unexpected end of JSON input [input/syntax]"},
		{"", "eks", "f.json: error: not the JSON of endoflife.date: unexpected end of JSON input [input/syntax]"},
		{`[]`, "eks", "f.json: error: none of its 0 releases is a Kubernetes version of eks [windows/import]"},
		{olderForm, "", `f.json: error: the file does not name a provider that is known (""); say which one it is of, such as eks=f.json [windows/import]`},
		{`[{"cycle": "1.30", "releaseDate": "2033-01-01"}]`, "talos", "f.json: error: none of its 1 releases is a Kubernetes version of talos [windows/import]"},
	} {
		_, findings := embedded(t).ImportEndOfLife("f.json", []byte(c.text), c.provider)
		if len(findings) != 1 || findings[0].String() != c.want {
			t.Errorf("%s: got %v, want %s", c.text, findings, c.want)
		}
	}
}

func FuzzImportEndOfLife(f *testing.F) {
	f.Add(olderForm)
	f.Add(newerForm)
	f.Add(`[{"cycle": "1.36", "eol": {}, "latest": 3}]`)
	base := embedded(f)
	f.Fuzz(func(t *testing.T, text string) {
		got, findings := base.ImportEndOfLife("f", []byte(text), "eks")
		if len(findings) > 1 || len(got.Providers()) != len(base.Providers()) {
			t.Errorf("findings %v, providers %v", findings, got.Names())
		}
	})
}
