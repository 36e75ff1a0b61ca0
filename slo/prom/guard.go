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
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"treadmill/internal/net"
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
	if e.after > 0 {
		s += fmt.Sprintf("; it asks to wait for %s", e.after)
	}
	return s
}

// maxBody is the largest answer. A query that gives more is asked for in smaller pieces.
const maxBody = 64 << 20

// guard makes errors of answers that may pass. It notes what is secret, and the server's clock.
type guard struct {
	next    http.RoundTripper // bounds requests in time and answers in size
	limits  net.Limits
	secrets net.Secrets
	clock   atomic.Int64 // milliseconds since 1970, of the first answer
	silent  atomic.Bool  // it has not answered the first request: it is not asked again
}

// RoundTrip asks once.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.silent.Load() {
		return nil, &net.Silent{After: g.limits.Timeout}
	}
	resp, err := g.next.RoundTrip(req)
	if again := new(net.Silent); errors.As(err, &again) && g.clock.Load() == 0 {
		g.silent.Store(true)
	}
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		g.clock.CompareAndSwap(0, at.UnixMilli())
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		body := newPeeked(resp.Body, noteOf(req.Context()))
		if resp.Body = body; resp.StatusCode == http.StatusOK && body.page() {
			_ = body.Close()
			return nil, errPage
		}
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000)) // what can be read of it explains; the status is what counts
	busy := &busyError{status: resp.StatusCode, body: strings.TrimSpace(string(text))}
	var said struct{ ErrorType, Error string }
	if json.Unmarshal(text, &said) == nil && said.Error != "" {
		busy.body, busy.timeout = said.Error, said.ErrorType == "timeout"
	}
	busy.after = net.RetryAfter(resp.Header, time.Now())
	return nil, busy
}

// errPage is an answer for people.
var errPage = errors.New("the server answers a page of HTML: its address is not that of the API, or a login stands before it")

// peeked is a body whose beginning was looked at.
type peeked struct {
	io.Closer
	*bufio.Reader
}

// newPeeked looks at the beginning of a body: the cluster of VictoriaMetrics says there, and not among the warnings, that an answer
// lacks what some of its nodes have.
func newPeeked(body io.ReadCloser, n *note) *peeked {
	const beginning = 200
	b := &peeked{Closer: body, Reader: bufio.NewReader(body)}
	if n != nil {
		head, _ := b.Peek(beginning) // an error comes again when the body is read
		n.partial = bytes.Contains(bytes.ReplaceAll(head, []byte(" "), nil), []byte(`"isPartial":true`))
	}
	return b
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

// page reports whether the body is HTML. An error comes again when the body is read.
func (b *peeked) page() bool {
	head, _ := b.Peek(len("\ufeff\r\n<!"))
	return bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("<"))
}
