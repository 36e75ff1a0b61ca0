//go:build e2e

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The password of the real Prometheus, and its bcrypt hash. It must never be seen in what treadmill writes.
const (
	poison     = "s3cr3t-of-the-reader"
	poisonHash = "$2a$04$IulKfnwSbn7EC7Bolhj8KuatcSit3fgtVlJ4Q.VDNHqrEgBI/QBha"
)

// service is one service of the synthetic history: requests a second at a minute, and the share of them that fail.
type service struct {
	name string
	rate func(minute int) float64
	bad  func(minute int) float64
}

const historyDays = 31

// outages are when the service "outage" failed, in minutes from the start of the history, and how much of it.
var outages = []struct {
	from, to int
	share    float64
}{{11*1440 + 555, 11*1440 + 585, 1}, {20*1440 + 1240, 20*1440 + 1260, 0.5}, {28*1440 + 300, 28*1440 + 360, 0.2}}

// services are the synthetic services. Those that are not named in bad have one failure in 20,000 requests.
func services() []service {
	steady := func(perSecond float64) func(int) float64 { return func(int) float64 { return perSecond } }
	few := func(int) float64 { return 0.00005 }
	return []service{
		{"healthy", steady(50), few},
		{"daynight", func(m int) float64 { return 30 - 29*math.Cos(2*math.Pi*float64(m%1440)/1440) }, few},
		{"outage", steady(50), func(m int) float64 {
			for _, o := range outages {
				if m >= o.from && m < o.to {
					return o.share
				}
			}
			return 0.00005
		}},
		{"slowburn", steady(50), func(m int) float64 {
			if m > 20*1440 && m < 21*1440 {
				return 0.003
			}
			return 0.00005
		}},
		{"idle", steady(0), few},
		{"lowtraffic", steady(1.0 / 60), func(int) float64 { return 0 }},
		{"resets", steady(50), few},
	}
}

// writeHistory writes the services as OpenMetrics, a sample a minute until a time. The counters of "resets" begin anew each day.
func writeHistory(t *testing.T, file string, until time.Time) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("# TYPE svc_requests counter\n")
	from := until.AddDate(0, 0, -historyDays)
	for _, s := range services() {
		for _, code := range []string{"200", "500"} {
			sum := 0.0
			for m := range historyDays*1440 + 1 {
				if s.name == "resets" && m%1440 == 700 {
					sum = 0
				}
				share := s.bad(m)
				if code == "200" {
					share = 1 - share
				}
				sum += s.rate(m) * 60 * share
				fmt.Fprintf(&b, "svc_requests_total{service=%q,code=%q} %.4f %d\n", s.name, code, sum, from.Add(time.Duration(m)*time.Minute).Unix())
			}
		}
	}
	b.WriteString("# EOF\n")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// sloOf is an SLO of 99.9 % over 30 days in OpenSLO.
func sloOf(name string) string {
	query := func(match string) string {
		return fmt.Sprintf("metricSource: {type: Prometheus, spec: {query: 'sum(rate(svc_requests_total{service=\"%s\"%s}[5m]))'}}", name, match)
	}
	return fmt.Sprintf(`apiVersion: openslo/v1
kind: SLO
metadata: {name: %s}
spec:
  service: %s
  indicator:
    metadata: {name: %s}
    spec:
      ratioMetric:
        counter: true
        bad: {%s}
        total: {%s}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: good, target: 0.999}]
`, name, name, name, query(`, code="500"`), query(""))
}

// living is a real Prometheus with a month of history behind TLS and a password.
type living struct {
	server *process
	url    string
	port   string
	config string // treadmill's file that says how to authenticate
	slos   string // the folder of the services' SLOs
	now    string
	pool   *x509.CertPool
	dir    string
}

// startLiving makes the history and serves it.
func startLiving(t *testing.T) *living {
	t.Helper()
	dir := t.TempDir()
	now := time.Now().UTC().Truncate(2 * time.Hour) // the end of a block
	l := &living{
		dir:    dir,
		now:    now.Format(time.RFC3339),
		slos:   filepath.Join(dir, "slos"),
		config: filepath.Join(dir, "client.yaml"),
		pool:   x509.NewCertPool(),
		port:   freePorts(t, 1)[0],
	}
	l.url = "https://127.0.0.1:" + l.port
	begin := time.Now()
	writeHistory(t, filepath.Join(dir, "history.om"), now)
	promtool(
		t,
		"tsdb",
		"create-blocks-from",
		"--max-block-duration=162h",
		"-q",
		"openmetrics",
		filepath.Join(dir, "history.om"),
		filepath.Join(dir, "data"),
	)
	t.Logf("history written as blocks in %s", time.Since(begin).Round(time.Second))
	if err := os.Mkdir(l.slos, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range services() {
		write(t, filepath.Join(l.slos, s.name+".yaml"), sloOf(s.name))
	}
	l.certify(t)
	write(t, filepath.Join(dir, "prometheus.yml"), "global: {}\n")
	write(
		t,
		filepath.Join(dir, "web.yaml"),
		"tls_server_config: {cert_file: server.pem, key_file: server.key}\nbasic_auth_users: {reader: "+poisonHash+"}\n",
	)
	write(t, l.config, "basic_auth: {username: reader, password: "+poison+"}\ntls_config: {ca_file: server.pem}\n")
	l.start(t)
	return l
}

// start starts the server, again on the same port.
func (l *living) start(t *testing.T) {
	t.Helper()
	l.server = start(
		t,
		program(t, "prometheus"),
		"--config.file="+filepath.Join(l.dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(l.dir, "data"),
		"--storage.tsdb.retention.time=10y",
		"--web.listen-address=127.0.0.1:"+l.port,
		"--web.config.file="+filepath.Join(l.dir, "web.yaml"),
		"--log.level=warn",
	)
	client := &http.Client{Transport: l.transport()}
	await(t, l.server, time.Minute, func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+"/-/ready", nil)
		if err != nil {
			return false
		}
		req.SetBasicAuth("reader", poison)
		resp, err := client.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func (l *living) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: l.pool, MinVersion: tls.VersionTLS12}}
}

// certify makes a certificate of the server, which is its own authority.
func (l *living) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "e2e"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{
			net.IPv4(127, 0, 0, 1),
		},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	write(t, filepath.Join(l.dir, "server.pem"), string(text))
	write(t, filepath.Join(l.dir, "server.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	l.pool.AppendCertsFromPEM(text)
}
