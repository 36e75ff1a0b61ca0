package prom

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// busyError is an answer by which a server or a proxy says that it cannot answer now.
type busyError struct {
	status  int
	after   time.Duration // how long the server asks to wait, 0 when it does not say
	timeout bool          // the query itself took too long
	body    string
}

func (e *busyError) Error() string {
	s := fmt.Sprintf("the server answers %d %s", e.status, http.StatusText(e.status))
	if e.body != "" {
		s += ": " + e.body
	}
	return s
}

// errTooLarge is an answer larger than maxBody.
var errTooLarge = errors.New("the answer is larger than 256 MiB")

const maxBody = 256 << 20

// maxWait is how long a server may ask to wait.
const maxWait = time.Minute

// guard makes errors of answers that may pass, and bounds the size of the others.
type guard struct{ next http.RoundTripper }

// RoundTrip asks once.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		resp.Body = &bounded{ReadCloser: resp.Body, left: maxBody}
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000)) // what can be read of it explains; the status is what counts
	busy := &busyError{status: resp.StatusCode, body: strings.TrimSpace(string(text))}
	var said struct{ ErrorType, Error string }
	if json.Unmarshal(text, &said) == nil && said.Error != "" {
		busy.body, busy.timeout = said.Error, said.ErrorType == "timeout"
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		busy.after = min(time.Duration(s)*time.Second, maxWait)
	}
	return nil, busy
}

// bounded is a body of at most so many bytes.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// isReset reports whether a connection broke while it was in use. A refused connection is none: nobody listens.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
