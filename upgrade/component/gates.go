package component

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"treadmill/upgrade"
)

//go:generate go run ./gates/gen -out gates.tsv

// Gate is a feature gate of a component. Flag says that it is written on the component's command line or in its configuration.
type Gate struct {
	Name, Component string
	Enabled, Flag   bool
}

// stage is what the releases from to to take a gate for.
type stage struct {
	from, to        upgrade.Minor
	enabled, locked bool // by default; to the default
}

// Gates are the feature gates of Kubernetes by name.
type Gates struct {
	oldest, newest, preview upgrade.Minor
	stages                  map[string][]stage
	Date                    string // the day on which their sources were read
}

// KnownGates is the embedded table.
func KnownGates() (Gates, error) { return GatesIn(nil) }

// GatesIn is the table in files of the form of Files, or the embedded one for nil.
func GatesIn(from fs.FS) (Gates, error) {
	g := Gates{stages: map[string][]stage{}}
	text, err := read(from, "gates.tsv")
	if err != nil {
		return g, err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if strings.HasPrefix(line, "#") || f[0] == "gate" {
			continue
		}
		if len(f) == 2 && f[0] == "date" {
			g.Date = f[1]
			continue
		}
		if len(f) == 3 && f[0] == "preview" {
			v, err := upgrade.ParseMinor(f[1])
			if err != nil {
				return g, fmt.Errorf("gates.tsv:%d: %w", n, err)
			}
			g.preview = v
			continue
		}
		s, err := parseStage(f)
		if err != nil {
			return g, fmt.Errorf("gates.tsv:%d: %w", n, err)
		}
		if g.oldest.IsZero() || s.from.Less(g.oldest) {
			g.oldest = s.from
		}
		if g.newest.Less(s.to) {
			g.newest = s.to
		}
		g.stages[f[0]] = append(g.stages[f[0]], s)
	}
	return g, nil
}

func parseStage(f []string) (s stage, err error) {
	if len(f) != 6 {
		return s, fmt.Errorf("%d columns, want 6", len(f))
	}
	if s.from, err = upgrade.ParseMinor(f[1]); err != nil {
		return s, err
	}
	if s.to, err = upgrade.ParseMinor(f[2]); err != nil {
		return s, err
	}
	if s.enabled, err = strconv.ParseBool(f[4]); err != nil {
		return s, err
	}
	s.locked, err = strconv.ParseBool(f[5])
	return s, err
}

// at returns what a release takes a gate for.
func (g Gates) at(name string, v upgrade.Minor) (stage, bool) {
	for _, s := range g.stages[name] {
		if !v.Less(s.from) && !s.to.Less(v) {
			return s, true
		}
	}
	return stage{}, false
}

// Refuses says why a component of the target does not start with a gate as it is set now, "" when it does, when the gate
// is not set, or when the table does not reach to the target. A gate with its default counts as set only where the
// command line says so: the metric does not tell who set it.
func (g Gates) Refuses(gate Gate, now, target upgrade.Minor) string {
	if target.Less(g.oldest) || g.newest.Less(target) || gate.Name == "AllAlpha" || gate.Name == "AllBeta" {
		return ""
	}
	if _, ever := g.stages[gate.Name]; !ever {
		return "" // of a component that has gates of its own, such as a cloud's
	}
	if before, known := g.at(gate.Name, now); !gate.Flag && (!known || before.enabled == gate.Enabled) {
		return ""
	}
	release := target.String()
	if target == g.preview {
		release = "the pre-release of " + release
	}
	switch after, known := g.at(gate.Name, target); {
	case !known:
		return fmt.Sprintf("the feature gate %s=%t is set and %s does not know it: take it out, or the component does not start",
			gate.Name, gate.Enabled, release)
	case after.locked && after.enabled != gate.Enabled:
		return fmt.Sprintf("the feature gate %s=%t is set and %s holds it at %t: take it out, or the component does not start",
			gate.Name, gate.Enabled, release, after.enabled)
	}
	return ""
}

// libraryGates are those of client-go, which components take too and which the lists of Kubernetes do not have (features/known_features.go of
// client-go v0.37.2, read 2026-12-01).
var libraryGates = []string{"AtomicFIFO", "ClientsAllowCARotation", "ClientsAllowCBOR", "ClientsAllowTLSCacheGC", "ClientsPreferCBOR",
	"InOrderInformers", "InOrderInformersBatchProcess", "InformerResourceVersion", "UnlockWhileProcessingFIFO", "WatchListClient"}

// Unknown says that no release in the table has a gate, "" when one has. Nothing is said of a release that the table does not reach.
func (g Gates) Unknown(gate Gate, target upgrade.Minor) string {
	if target.Less(g.oldest) || g.newest.Less(target) || len(g.stages[gate.Name]) > 0 || gate.Name == "AllAlpha" || gate.Name == "AllBeta" ||
		slices.Contains(libraryGates, gate.Name) {
		return ""
	}
	var names []string
	for name := range g.stages {
		if _, has := g.at(name, target); has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("no release from %s to %s has the feature gate %s%s: it is misspelt, or gone before %[1]s; a component does not start "+
		"with a gate that it does not know", g.oldest, g.newest, gate.Name, meant(gate.Name, names))
}

// FlagGates reads "--feature-gates=A=true,B=false" of a command line, also where the value is an argument of its own.
func FlagGates(component string, args []string) []Gate {
	var gates []Gate
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--feature-gates=")
		if arg == "--feature-gates" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if !ok {
			continue
		}
		for part := range strings.SplitSeq(value, ",") {
			name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
			if _, gate, scoped := strings.Cut(name, ":"); scoped { // "kube:WatchList", as flags of API servers have it since 1.32
				name = gate
			}
			if on, err := strconv.ParseBool(text); err == nil && name != "" {
				gates = append(gates, Gate{Name: name, Component: component, Enabled: on, Flag: true})
			}
		}
	}
	return gates
}

// gateMetric is 1 for each gate that is on, and 0 for each that is off (component-base/metrics/prometheus/feature).
const gateMetric = "kubernetes_feature_enabled"

// MetricGates reads the gates of a component from its metrics, in the text format of Prometheus.
func MetricGates(component string, r io.Reader) ([]Gate, error) {
	var kept bytes.Buffer
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 4<<20)
	for lines.Scan() {
		if line := lines.Bytes(); bytes.HasPrefix(line, []byte(gateMetric)) {
			kept.Write(line)
			kept.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&kept)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", gateMetric, err)
	}
	var gates []Gate
	for _, m := range families[gateMetric].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "name" {
				gates = append(gates, Gate{Name: l.GetValue(), Component: component, Enabled: m.GetGauge().GetValue()+m.GetUntyped().GetValue() > 0})
			}
		}
	}
	return gates, nil
}
