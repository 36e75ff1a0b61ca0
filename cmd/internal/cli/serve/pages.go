package serve

import (
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/site"
)

// sources are the files that pages are made from, with the flags of the commands that make them.
type sources struct {
	files
	maker
	history bool     // there is a Prometheus server
	live    bool     // there are clusters
	server  []string // flags that name the server
	own     []string // flags of support dates
}

// pages are those that can be made of some files, in the order in which people read them.
func (m maker) pages(f files) []site.Page {
	s := sources{files: f, maker: m, history: m.given("prometheus"), live: m.given("context"),
		server: m.passed("prometheus", "prometheus-config", "prometheus-tenant"), own: m.passed("windows", "windows-from")}
	return slices.Concat(s.ofFleet(), s.ofSLOs(), s.ofRules(), s.ofManifests(), s.ofClusters(), []site.Page{
		m.page("Windows", values(s.own), fixed([]string{"upgrade", "windows"}, s.own)),
		m.page("Data", nil, fixed([]string{"data", "status"})),
	})
}

// ofFleet are the pages of a fleet file.
func (s sources) ofFleet() []site.Page {
	if s.fleet == "" {
		return nil
	}
	from := s.passed("plan")
	if len(from) > 0 {
		from[0] = "--from"
	}
	planned := slices.Concat([]string{"--fleet", s.fleet}, s.own, s.passed("addons"))
	watched := slices.Concat([]string{s.fleet}, values(slices.Concat(from, s.own, s.passed("addons", "records"))))
	guarded := s.history && len(s.slos) > 0
	if guarded {
		planned = slices.Concat(planned, s.server, each("slo", s.slos), s.passed("records"))
		watched = slices.Concat(watched, s.slos)
	}
	ofQuarter := func(command ...string) func(time.Time) []string {
		return func(now time.Time) []string { return slices.Concat(command, []string{"--quarter", app.Quarter(now)}) }
	}
	plan := slices.Concat([]string{"upgrade", "plan"}, planned, from)
	out := []site.Page{
		s.page("Plan", watched, fixed(plan)),
		s.page("Quarter", watched, ofQuarter(plan...)),
		s.page("Support", watched, fixed([]string{"upgrade", "check"}, planned, []string{"--within", "90d"})),
	}
	if guarded {
		out = append(out, s.page("Review", watched, ofQuarter(append([]string{"review"}, planned...)...)))
	}
	return out
}

// ofSLOs is the page of SLOs: what they attained where there is history, else what they promise.
func (s sources) ofSLOs() []site.Page {
	switch {
	case len(s.slos) == 0:
		return nil
	case s.history:
		return []site.Page{s.page("SLOs", s.slos, fixed([]string{"slo", "report"}, s.server, s.slos))}
	default:
		return []site.Page{s.page("SLOs", s.slos, fixed([]string{"slo", "explain"}, s.slos))}
	}
}

// ofRules is the page of alert rules.
func (s sources) ofRules() []site.Page {
	if len(s.rules) == 0 {
		return nil
	}
	line := []string{"rules", "audit"}
	if s.history {
		line = slices.Concat(line, s.server, each("slo", s.slos), s.passed("alertmanager"))
	}
	watched := slices.Concat(s.rules, s.slos, values(s.passed("alertmanager")))
	return []site.Page{s.page("Audit", watched, fixed(line, s.rules))}
}

// ofManifests is the page of deprecated APIs.
func (s sources) ofManifests() []site.Page {
	if len(s.manifests) == 0 {
		return nil
	}
	return []site.Page{s.page("Scan", s.manifests, fixed([]string{"upgrade", "scan"}, s.passed("to"), s.manifests))}
}

// ofClusters is the page that compares files with what runs: with clusters where some are named, else with a server alone.
func (s sources) ofClusters() []site.Page {
	wanted := slices.Concat(each("slo", s.slos), each("rules", s.rules))
	watched := slices.Concat(s.slos, s.rules)
	line := []string{"drift"}
	if s.live {
		if s.fleet != "" {
			line = slices.Concat(line, []string{"--fleet", s.fleet}, s.passed("plan"), s.own)
		}
		line = slices.Concat(line, s.passed("context", "kubeconfig"), each("manifests", s.manifests))
		watched = slices.Concat(watched, s.manifests, []string{s.fleet})
	}
	if len(wanted) > 0 {
		line = slices.Concat(line, s.server, wanted)
	}
	if s.live && s.fleet == "" && len(wanted)+len(s.manifests) == 0 || !s.live && !(s.history && len(wanted) > 0) {
		return nil
	}
	return []site.Page{s.page("Drift", watched, fixed(line))}
}
