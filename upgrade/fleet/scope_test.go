package fleet_test

import (
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/fleet"
)

func at(v string) yamlx.At[string] { return yamlx.At[string]{V: v, Pos: diag.Position{Line: 1}} }

// TestScopePatternsCrossSlashes: names of clusters are no paths. The default name of an EKS cluster has a "/", and so may values of labels.
func TestScopePatternsCrossSlashes(t *testing.T) {
	c := fleet.Cluster{Name: at("arn:aws:eks:eu-central-1:222233334444:cluster/shop/blue"),
		Traits: fleet.Traits{Group: at("shop/eu"), Labels: map[string]string{"path": "team/shop", "empty": ""}}}
	for _, s := range []struct {
		scope fleet.Scope
		want  bool
	}{
		{fleet.Scope{Name: at("arn:*blue")}, true}, {fleet.Scope{Name: at("*:cluster/shop/*")}, true}, {fleet.Scope{Name: at("*green")}, false},
		{fleet.Scope{Group: at("shop*")}, true}, {fleet.Scope{Group: at("{shop,pay}?eu")}, true},
		{fleet.Scope{Labels: map[string]string{"path": "team*"}}, true},
		{fleet.Scope{Labels: map[string]string{"path": "*/pay"}}, false}, {fleet.Scope{Labels: map[string]string{"empty": "*"}}, true},
		{fleet.Scope{Labels: map[string]string{"none": "*"}}, false}, {fleet.Scope{}, true},
		{fleet.Scope{Name: at("arn:*blue"), Group: at("pay*")}, false},
	} {
		if got := s.scope.Matches(c); got != s.want {
			t.Errorf("%v matches: %v", s.scope, got)
		}
	}
}
