// Package auditlog reads what an API server remembers of the deprecated APIs that were requested from it.
//
// The way through it: Metrics reads the gauge apiserver_requested_deprecated_apis, Audit the audit log → []Call →
// Objects → scan.Find. The gauge says what was called since the server started, the log also by whom. Neither says which
// manifest or program made the call. Calls of the control plane itself and of this program are left out: they change
// with an upgrade, or do not matter.
package auditlog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// API names what was requested. The core group is "".
type API struct {
	Group, Version, Resource string
}

// APIVersion is the group and version as manifests write them.
func (a API) APIVersion() string {
	return lifecycle.GVK{Group: a.Group, Version: a.Version}.APIVersion()
}

// Call is the requests for one API by one caller.
type Call struct {
	API
	User, Agent string        // "" in metrics, which do not tell callers apart
	Verbs       []string      // in order
	Count       int           // how many requests; 0 when that is not known
	Last        time.Time     // when the last one was received; zero when that is not known
	Deprecated  bool          // the server itself said that the API is deprecated
	Removed     upgrade.Minor // the release that the server said removes it; zero when it said none
	Source      object.Source
	diag.Position
}

// Owner says in words who called.
func (c Call) Owner() string {
	switch {
	case c.Source == object.Metrics:
		return ""
	case c.Agent == "":
		return "user " + c.User
	}
	return fmt.Sprintf("%s as %s", c.Agent, c.User)
}

// compare is a total order of what Audit and Metrics return.
func compare(a, b Call) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Version, b.Version),
		cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.User, b.User),
		cmp.Compare(a.Agent, b.Agent),
		cmp.Compare(a.Line, b.Line),
	)
}

// Objects turns calls into objects that scan.Find can judge; those of APIs that the table does not know, such as custom
// resources, come back in rest. A kind that the table does not know but whose API the server called deprecated is in rest too.
func Objects(calls []Call, table *lifecycle.Table) (objects []object.Object, rest []Call) {
	kinds := map[API]string{}
	for _, a := range table.APIs {
		kinds[API{a.Group, a.Version, a.Resource}] = a.Kind
	}
	for _, c := range calls {
		kind, ok := kinds[c.API]
		if !ok {
			rest = append(rest, c)
			continue
		}
		objects = append(objects, object.Object{Source: c.Source, APIVersion: c.APIVersion(), Kind: kind, Owner: c.Owner(), Position: c.Position})
	}
	return objects, rest
}

// ownUser reports whether a caller is part of the control plane, which is replaced as a whole by an upgrade, or this
// program. The garbage collector, the namespace and the quota controller list every API that is served, so that their
// calls say nothing; with --use-service-account-credentials they call under accounts of their own.
func own(user, agent string) bool {
	name, _, _ := strings.Cut(agent, "/")
	switch name {
	case "treadmill", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "cloud-controller-manager":
		return true
	}
	switch user {
	case "system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:cloud-controller-manager":
		return true
	}
	account, ok := strings.CutPrefix(user, "system:serviceaccount:kube-system:")
	return ok && slices.Contains([]string{"generic-garbage-collector", "namespace-controller", "resourcequota-controller"}, account)
}

// minor reads a release that a server names, such as "1.38"; the zero value stands for none.
func minor(s string) upgrade.Minor {
	m, err := upgrade.ParseMinor(s)
	if err != nil {
		return upgrade.Minor{}
	}
	return m
}
