package scan

import (
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// Custom is the finding for an object whose API is deprecated by the word of the cluster that serves it and not by a
// table: a version of a custom resource, or an API that a newer server warns of. removed is the release that the server
// names, zero when it names none. why says where the word stands, in a sentence without a full stop.
func Custom(o object.Object, removed, target upgrade.Minor, why string) Finding {
	f := about(o, Deprecated, diag.Warning, why)
	f.RemovedIn = removed
	if (lifecycle.API{Removed: removed}).RemovedAt(target) {
		f.ID, f.Severity = Removed, diag.Error
	}
	return f
}
