package prom

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
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

// guard makes errors of answers that may pass, and bounds the size of the others. It notes what is secret, and the server's clock.
type guard struct {
	next    http.RoundTripper
	stay    bool // redirects are not followed
	secrets secrets
	clock   atomic.Int64 // milliseconds since 1970, of the first answer
}

// client is an HTTP client behind the guard. It follows redirects within the server that it was told to ask, and to no other: the
// credentials are for that one.
func (g *guard) client() *http.Client {
	return &http.Client{Transport: g, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		const most = 10
		switch first := via[0].URL; {
		case g.stay:
			return http.ErrUseLastResponse
		case req.URL.Host != first.Host || req.URL.Scheme != first.Scheme:
			return fmt.Errorf("the server redirects to %s://%s, which was not to be asked: name that one if it is meant", req.URL.Scheme, req.URL.Host)
		case len(via) >= most:
			return errors.New("the server redirects in a circle")
		}
		return nil
	}}
}

// RoundTrip asks once.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := g.next.RoundTrip(g.secrets.watched(req))
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		g.clock.CompareAndSwap(0, at.UnixMilli())
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		resp.Body = newBounded(resp.Body, noteOf(req.Context()))
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
	io.Closer
	from *bufio.Reader
	left int64
}

// newBounded looks at the beginning of a body: the cluster of VictoriaMetrics says there, and not among the warnings, that an answer
// lacks what some of its nodes have.
func newBounded(body io.ReadCloser, n *note) *bounded {
	const beginning = 200
	b := &bounded{Closer: body, from: bufio.NewReader(body), left: maxBody}
	if n != nil {
		head, _ := b.from.Peek(beginning) // an error comes again when the body is read
		n.partial = bytes.Contains(bytes.ReplaceAll(head, []byte(" "), nil), []byte(`"isPartial":true`))
	}
	return b
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// note is what is noted of the answer to one request, for whoever sent it.
type note struct{ partial bool }

type noteKey struct{}

func noting(ctx context.Context) (context.Context, *note) {
	n := &note{}
	return context.WithValue(ctx, noteKey{}, n), n
}

func noteOf(ctx context.Context) *note {
	n, _ := ctx.Value(noteKey{}).(*note)
	return n
}

// isReset reports whether a connection broke while it was in use. A refused connection is none: nobody listens.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
