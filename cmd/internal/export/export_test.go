package export_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"treadmill/cmd/internal/export"
)

func day(n int) time.Time { return time.Date(2026, time.November, n, 0, 0, 0, 0, time.UTC) }

func sample() export.Snapshot {
	slack := -36 * time.Hour
	return export.Snapshot{Planned: day(23), Currency: "USD", Bound: 90, Gap: 0.1, Cost: map[string]float64{"hops": 60, "campaigns": 40},
		Clusters: []export.Cluster{
			{
				Name:        "a\"b",
				Provider:    "eks",
				Version:     "1.33",
				Environment: "prod",
				Group:       "g",
				Team:        "t",
				Region:      "r",
				StandardEnd: day(1),
				ExtendedEnd: day(30),
				Due:         day(20),
				Slack:       &slack,
				NextHop:     day(25),
				NextVersion: "1.34",
			},
			{Name: "c", Provider: "gke", Version: "1.36", Unplanned: true},
		},
		Months: []export.Month{{Month: "2026-11", With: 1.5, Without: 365}}}
}

// TestText: what is known is exported, what is not is left out, and Prometheus reads it and has nothing to say about its names.
func TestText(t *testing.T) {
	var out bytes.Buffer
	if err := export.Text(&out, sample()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`treadmill_cluster_info{cluster="a\"b",environment="prod",group="g",provider="eks",region="r",team="t",version="1.33"} 1`,
		`treadmill_cluster_support_end_timestamp_seconds{cluster="a\"b",support="extended",team="t"} 1.7959968e+09`,
		`treadmill_cluster_slack_seconds{cluster="a\"b",team="t"} -129600`,
		`treadmill_cluster_next_hop_timestamp_seconds{cluster="a\"b",team="t",to="1.34"} 1.7955648e+09`,
		`treadmill_cluster_unplanned{cluster="c",team=""} 1`,
		`treadmill_extended_support_forecast{currency="USD",month="2026-11",plan="without"} 365`,
		`treadmill_plan_up 1`,
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("missing: %s\n%s", line, out.String())
		}
	}
	if strings.Contains(out.String(), `treadmill_cluster_slack_seconds{cluster="c"`) {
		t.Error("a cluster without a campaign has slack")
	}
	var again bytes.Buffer
	if err := export.Text(&again, sample()); err != nil || again.String() != out.String() {
		t.Errorf("two writings differ: %v", err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(bytes.NewReader(out.Bytes())); err != nil {
		t.Error(err)
	}
	problems, err := promlint.New(bytes.NewReader(out.Bytes())).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
}

// TestServe: the first plan must succeed; a later one that fails leaves the metrics standing and says so; the end of the context
// ends it.
func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plans := make(chan error, 1)
	plans <- nil
	failed := make(chan struct{})
	s := export.Server{Every: time.Millisecond, Log: func(string, ...any) {
		select {
		case failed <- struct{}{}:
		default:
		}
	}, Plan: func(context.Context) (export.Snapshot, error) {
		select {
		case err := <-plans:
			return sample(), err
		default:
			return export.Snapshot{}, errors.New("the fleet cannot be read")
		}
	}}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	<-failed
	body := get(t, "http://"+l.Addr().String()+"/metrics")
	if !strings.Contains(body, "treadmill_plan_up 0\n") || !strings.Contains(body, `treadmill_cluster_slack_seconds{`) {
		t.Errorf("after a plan that failed:\n%s", body)
	}
	if page := get(t, "http://"+l.Addr().String()+"/"); !strings.Contains(page, "/metrics") {
		t.Errorf("the first page: %s", page)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestServeNeedsAFirstPlan(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no plan")
	s := export.Server{Every: time.Hour, Plan: func(context.Context) (export.Snapshot, error) { return export.Snapshot{}, no }}
	if err := s.Serve(context.Background(), l); !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, r.Status, err)
	}
	return string(text)
}
