package provider_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/provider"
	"treadmill/upgrade/windows"
)

// notice is what a provider told its customers: the day on which it upgrades clusters by itself or, where end says so, the day on which
// the support ends that this follows.
type notice struct {
	provider, channel string
	minor             int
	day               string
	end               bool
	source            string
}

// notices are public copies of what providers wrote, and pages of theirs. None of them is the source of a date in the table of support.
func notices() []notice {
	return []notice{
		{"eks", "standard", 22, "2023-06-04", false, "https://github.com/aws/aws-cdk/pull/25575"}, // before there was extended support
		{"eks", "extended", 24, "2025-01-31", true, "https://github.com/aws/amazon-cloudwatch-agent-test/pull/456"},
		{"eks", "extended", 25, "2025-05-01", false, "https://github.com/RTIInternational/teehr/issues/149"},
		{"eks", "standard", 26, "2024-06-11", true, "https://github.com/awsdocs/amazon-eks-user-guide/pull/767"},
		{"eks", "extended", 27, "2025-07-24", true, "https://github.com/awsdocs/amazon-eks-user-guide/pull/1078"},
		{"eks", "extended", 31, "2026-11-26", false, "https://github.com/alphagov/govuk-infrastructure/issues/1641"},
		{"eks", "", 32, "2027-03-23", false, "https://github.com/CredentialEngine/CredentialRegistry/issues/902"},
		{"eks", "", 33, "2027-07-29", false, "https://github.com/CredentialEngine/CredentialRegistry/issues/982"},
		{"eks", "", 34, "2027-12-02", false, "https://github.com/CredentialEngine/CredentialRegistry/issues/1066"},
		{"gke", "regular", 25, "2024-03-30", false, "https://cloud.google.com/kubernetes-engine/docs/release-schedule"}, // as it stood in 2024
		{"gke", "stable", 26, "2024-06-30", false, "https://cloud.google.com/kubernetes-engine/docs/release-schedule"},
		{"aks", "free", 28, "2025-01-31", true, "https://github.com/Azure/AKS/issues/4617"},
		{"aks", "lts", 27, "2025-07-31", true, "https://github.com/Azure/AKS/issues/5077"},
		{"aks", "lts", 30, "2026-07-31", true, "https://github.com/Azure/AKS/issues/5076"},
		{"aks", "standard", 34, "2027-06-01", false, "https://github.com/Azure/AKS/releases/tag/2026-10-25"},
		// community support ends in November 2026
		{"aks", "lts", 31, "2027-06-01", false, "https://github.com/Azure/AKS/releases/tag/2026-10-25"}, // and this long-term support
	}
}

// What providers announced comes out within a day, from the dates of support that somebody else collected.
func TestPublishedNoticesReplay(t *testing.T) {
	known := table(t)
	for _, n := range notices() {
		var want windows.Day
		if err := want.UnmarshalText([]byte(n.day)); err != nil {
			t.Fatal(err)
		}
		p, _ := known.Provider(n.provider)
		act, acts := provider.Of(p, n.channel)
		w, found := known.Window(n.provider, upgrade.V1(n.minor))
		if !acts || !found {
			t.Errorf("%s %s 1.%d: nothing is known", n.provider, n.channel, n.minor)
			continue
		}
		got := w.StandardEnd
		if act.Extended {
			got = w.ExtendedEnd
		}
		if !n.end {
			u, _ := act.Automatic(w)
			got = u.Day
		}
		if off := int(got.Day - want); off < -1 || off > 1 {
			t.Errorf("%s %s 1.%d: %s, announced for %s by %s", n.provider, n.channel, n.minor, got.Day, n.day, n.source)
		}
	}
}
