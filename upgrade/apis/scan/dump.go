package scan

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
)

// Dump is the ID of a finding that says that objects come from a server and that nothing tells who writes them.
const Dump = "input/dump"

// Dumps makes one finding of all objects that come from a server without a trace of who writes them.
func Dumps(unknown []object.Object) []Finding {
	if len(unknown) == 0 {
		return nil
	}
	o := unknown[0]
	means := "it comes from a server, so that apiVersion is how it was asked for, and nothing in it says through which version it is written: scan the cluster with --live"
	if n := len(unknown); n > 1 {
		means += fmt.Sprintf(" (the first of %d such objects)", n)
	}
	return []Finding{about(o, Dump, diag.Info, means)}
}
