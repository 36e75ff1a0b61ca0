package fleet_test

import (
	"testing"

	"treadmill/upgrade/fleet"
)

func TestParseContext(t *testing.T) {
	for name, want := range map[string]fleet.Context{
		"arn:aws:eks:eu-west-1:111122223333:cluster/pay":            {Provider: "eks", Account: "111122223333", Location: "eu-west-1", Cluster: "pay"},
		"arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/pay": {Provider: "eks", Account: "111122223333", Location: "us-gov-west-1", Cluster: "pay"},
		"gke_acme-prod_europe-west3-a_pay":                          {Provider: "gke", Account: "acme-prod", Location: "europe-west3-a", Cluster: "pay"},
		"gke_acme_europe-west3_pay_eu":                              {Provider: "gke", Account: "acme", Location: "europe-west3", Cluster: "pay_eu"},
		"pay-prod":                                                  {}, "gke_pay": {}, "gke_acme_zone_": {}, "arn:aws:iam::111122223333:user/pay": {}, "arn:aws:eks:eu-west-1:1:nodegroup/x": {},
	} {
		if got, ok := fleet.ParseContext(name); got != want || ok != (want.Provider != "") {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}
