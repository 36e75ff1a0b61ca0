package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkGateCommand runs the built command against a server on loopback that answers at once: slo gate for one SLO of 30 days,
// 8,640 points of two series. It should take less than 300 ms.
func BenchmarkGateCommand(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(answerRange))
	defer server.Close()
	measure(b, 0, "slo", "gate", "--prometheus", server.URL, "../../testdata/example/slos/payments-availability.yaml")
}

// BenchmarkReportCommand reviews 100 SLOs over 30 days at five minutes, alone and beside the two periods before. The first should take
// less than 2 s of processor time.
func BenchmarkReportCommand(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.FormValue("query"), "ALERTS") {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
			return
		}
		answerRange(w, r)
	}))
	defer server.Close()
	dir := b.TempDir()
	writeSLOs(b, dir)
	for _, before := range []string{"0", "2"} {
		b.Run("before="+before, func(b *testing.B) {
			args := []string{"slo", "report", "--period", "30d", "--trend", before, "--prometheus", server.URL}
			for i := range 5 { // of twenty SLOs each
				args = append(args, filepath.Join(dir, fmt.Sprintf("shop-%03d.yaml", i)))
			}
			measure(b, 0, args...)
		})
	}
}

// answerRange answers any range query: 3,000 events a step, one of them bad.
func answerRange(w http.ResponseWriter, r *http.Request) {
	start, _ := strconv.ParseFloat(r.FormValue("start"), 64) // what cannot be read gives no points, and the gate stays closed
	end, _ := strconv.ParseFloat(r.FormValue("end"), 64)
	step, _ := strconv.ParseFloat(r.FormValue("step"), 64)
	value := "3000"
	if strings.Contains(r.FormValue("query"), "code") {
		value = "1"
	}
	var points []string
	for at := start; at <= end && step > 0; at += step {
		points = append(points, fmt.Sprintf(`[%.3f,%q]`, at, value))
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(points, ","))
}
