package fleet

import "strings"

// AccountName is the account, project or subscription in which a cluster is: what the file says, else that of the names which providers'
// tools give to contexts, arn:aws:eks:REGION:ACCOUNT:cluster/NAME and gke_PROJECT_LOCATION_NAME; "" where neither does.
func (c Cluster) AccountName() string {
	if c.Account.Set() {
		return c.Account.V
	}
	if parts := strings.SplitN(c.Name.V, ":", 6); len(parts) == 6 && parts[0] == "arn" && parts[2] == "eks" {
		return parts[4]
	}
	if parts := strings.Split(c.Name.V, "_"); len(parts) == 4 && parts[0] == "gke" {
		return parts[1]
	}
	return ""
}
