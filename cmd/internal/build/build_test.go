package build

import (
	"reflect"
	"runtime/debug"
	"testing"
)

func TestReadTakesWhatTheToolchainStamps(t *testing.T) {
	for name, c := range map[string]struct {
		info debug.BuildInfo
		want Info
	}{
		"nothing": {want: Info{Version: "devel", Commit: "unknown commit"}},
		"a release": {
			info: debug.BuildInfo{Main: debug.Module{Version: "v1.2.0"}, Settings: []debug.BuildSetting{
				{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}, {Key: "vcs.time", Value: "2026-11-23T10:00:00Z"},
			}},
			want: Info{Version: "v1.2.0", Commit: "0123456789ab", Date: "2026-11-23"},
		},
		"go run": {info: debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, want: Info{Version: "devel", Commit: "unknown commit"}},
		"a short commit": {info: debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "012"}}},
			want: Info{Version: "devel", Commit: "unknown commit"}},
	} {
		got := read(&c.info)
		c.want.Go = got.Go
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for want, info := range map[string]Info{
		"devel (unknown commit, go1.26)":              {Version: "devel", Commit: "unknown commit", Go: "go1.26"},
		"v1.2.0 (0123456789ab of 2026-11-23, go1.26)": {Version: "v1.2.0", Commit: "0123456789ab", Date: "2026-11-23", Go: "go1.26"},
	} {
		if got := info.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A link is given only where the path of the module says that there is something to link to.
func TestPagesOfTheDocumentation(t *testing.T) {
	for path, want := range map[string]string{
		"treadmill":                 "",
		"example.com/ops/treadmill": "https://example.com/ops/treadmill/blob/HEAD/docs/findings/api/removed.md",
	} {
		info := read(&debug.BuildInfo{Main: debug.Module{Path: path}})
		if got := info.Page("findings/api/removed.md"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestTablesAreWrittenAndReadBack(t *testing.T) {
	list, err := Tables()
	if err != nil || len(list) < 5 {
		t.Fatalf("%v %v", list, err)
	}
	again, err := parse(Format(list))
	if err != nil || !reflect.DeepEqual(again, list) {
		t.Fatalf("%v %v", again, err)
	}
	for _, bad := range []string{"", header + "one\n", header + "a\t2026-01-01\t1\n", header + "a\t2026-01-01\tmany\t0\t0\n"} {
		if list, err := parse(bad); err == nil {
			t.Errorf("%q was read as %v", bad, list)
		}
	}
}
