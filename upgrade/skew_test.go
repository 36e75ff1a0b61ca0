package upgrade_test

import (
	"fmt"
	"testing"

	"treadmill/upgrade"
)

func TestNodesAllow(t *testing.T) {
	for _, c := range []struct {
		control, nodes, limit int
		want                  bool
	}{
		{37, 37, 0, true}, {37, 34, 0, true}, {37, 33, 0, false}, {36, 37, 0, false},
		{37, 35, 2, true}, {37, 34, 2, false}, {37, 34, 5, true},
		{26, 24, 0, true}, {27, 24, 0, false}, {28, 25, 0, true},
	} {
		if got := upgrade.NodesAllow(upgrade.V1(c.control), upgrade.V1(c.nodes), c.limit); got != c.want {
			t.Errorf("NodesAllow(1.%d, 1.%d, %d) = %v", c.control, c.nodes, c.limit, got)
		}
	}
}

func ExampleHops() {
	fmt.Println(upgrade.Hops(upgrade.V1(33), upgrade.V1(36)))
	// Output: [1.34 1.35 1.36]
}
