package drift_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
)

func TestDiffer(t *testing.T) {
	for _, c := range []struct{ want, have, diff string }{
		{"a", "b", "-a\n+b"}, {"", "b", "+b"}, {"a", "", "-a"}, {"a\nb\n", "a\nc\n", " a\n-b\n+c"}, {"a", "a", ""}, {"-- x", "", "--- x"},
	} {
		if got := drift.Differ(c.want, c.have); got != c.diff {
			t.Errorf("%q, %q: %q, want %q", c.want, c.have, got, c.diff)
		}
	}
}

// A baseline takes what it has, and nothing that has changed since.
func TestBaseline(t *testing.T) {
	finding := rapid.Custom(func(t *rapid.T) drift.Finding {
		word := rapid.SampledFrom([]string{"a", "b"})
		return drift.Finding{
			Finding: diag.Finding{ID: word.Draw(t, "id"), Position: diag.Position{Line: rapid.IntRange(0, 3).Draw(t, "line")}},
			Kind:    drift.Fleet,
			Cluster: word.Draw(t, "cluster"),
			Subject: word.Draw(t, "subject"),
			Have:    word.Draw(t, "have"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(finding, 0, 8).Draw(t, "findings")
		base := drift.Baseline{}
		left, accepted, gone := base.Accept(all)
		if len(left) != len(all) || accepted != 0 || gone != 0 {
			t.Fatal("the empty baseline accepts")
		}
		shuffled := slices.Clone(all)
		rand.Shuffle(len(all), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if !slices.Equal(drift.Sort(slices.Clone(all)), drift.Sort(shuffled)) {
			t.Fatal("the order is not total")
		}
	})
	known, err := drift.ReadBaseline(
		[]byte(
			`{"version":1,"findings":[{"id":"x/y","kind":"fleet","cluster":"c","subject":"s","have":"1"},{"id":"input/unread","message":"m"}]}`,
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	same := drift.Finding{
		Finding: diag.Finding{ID: "x/y", Position: diag.Position{Line: 7}},
		Kind:    drift.Fleet,
		Cluster: "c",
		Subject: "s",
		Have:    "1",
	}
	moved := same
	moved.Have = "2"
	if left, accepted, gone := known.Accept([]drift.Finding{same, moved}); len(left) != 1 || left[0].Have != "2" || accepted != 1 ||
		gone != 0 {
		t.Errorf("%v %d %d", left, accepted, gone)
	}
	unread := diag.Finding{ID: "input/unread", Message: "m"}
	if left := known.Inputs([]diag.Finding{unread, unread, {ID: "input/unread", Message: "n"}}); len(left) != 2 || left[1].Message != "n" {
		t.Errorf("inputs: %v", left)
	}
	if _, _, gone := known.Accept(nil); gone != 1 {
		t.Errorf("%d are gone", gone)
	}
	for _, text := range []string{"", "[]", `{"version":2,"findings":[]}`, `{"version":1}`} {
		if _, err := drift.ReadBaseline([]byte(text)); err == nil || !strings.Contains(err.Error(), "not the JSON of treadmill drift") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMatrix(t *testing.T) {
	rows := drift.Matrix([]drift.Compared{
		{
			Kind:    drift.Fleet,
			Cluster: "b",
			Context: "x",
		}, {Kind: drift.Fleet, Cluster: "a", Hidden: true}, {Kind: drift.Fleet, Cluster: "c", None: true},
		{Kind: drift.Fleet, Cluster: "d", Hidden: true},
	}, []drift.Finding{{Kind: drift.Fleet, Cluster: "d"}, {Kind: drift.Fleet, Cluster: "elsewhere"}})
	var got []string
	for _, r := range rows {
		got = append(got, r.Cluster+" "+string(r.Cells[0].State))
	}
	if s := strings.Join(got, ", "); s != "a partial, b same, c unknown, d apart" {
		t.Error(s)
	}
}
