package fleet

import "strings"

// Context is what the name says that a provider's tool gives to a context: arn:aws:eks:REGION:ACCOUNT:cluster/NAME or
// gke_PROJECT_LOCATION_NAME.
type Context struct {
	Provider string // eks or gke
	Account  string // account or project
	Location string // region or zone
	Cluster  string // the cluster's own name
}

// ParseContext reads the name of a context; false for one that people gave.
func ParseContext(name string) (Context, bool) {
	if parts := strings.SplitN(name, ":", 6); len(parts) == 6 && parts[0] == "arn" && parts[2] == "eks" {
		if own, ok := strings.CutPrefix(parts[5], "cluster/"); ok && own != "" {
			return Context{Provider: "eks", Account: parts[4], Location: parts[3], Cluster: own}, true
		}
	}
	if parts := strings.SplitN(name, "_", 4); len(parts) == 4 && parts[0] == "gke" && parts[1] != "" && parts[3] != "" {
		return Context{Provider: "gke", Account: parts[1], Location: parts[2], Cluster: parts[3]}, true
	}
	return Context{}, false
}

// AccountName is the account, project or subscription in which a cluster is: what the file says, else that of its name; "" where neither
// does.
func (c Cluster) AccountName() string {
	if c.Account.Set() {
		return c.Account.V
	}
	x, _ := ParseContext(c.Name.V)
	return x.Account
}
