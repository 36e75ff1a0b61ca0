package net

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Timeout is how long one request may take, its answer included, where nothing else is asked for.
const Timeout = 30 * time.Second

// Limits bound one request.
type Limits struct {
	Timeout time.Duration // of the request, its answer included; 0 means Timeout
	Body    int64         // bytes of the answer
}

// Silent says that a server did not answer, or not wholly, in the time that a request may take.
type Silent struct{ After time.Duration }

func (e *Silent) Error() string {
	return fmt.Sprintf("no answer within %s (--timeout)", e.After)
}

// TooLarge says that an answer is larger than it may be.
type TooLarge struct{ Most int64 }

func (e *TooLarge) Error() string { return fmt.Sprintf("the answer is larger than %d MiB", e.Most>>20) }

// Client makes a client of one server. next sends requests and lets itself be known to the server; what it sends for that is noted among
// the secrets. Redirects are followed within the host that was asked, and to no other, as the credentials are for that one; with stay
// they are not followed at all.
func Client(next http.RoundTripper, limits Limits, secrets *Secrets, stay bool) *http.Client {
	if limits.Timeout == 0 {
		limits.Timeout = Timeout
	}
	return &http.Client{
		Transport: &transport{next: next, limits: limits, secrets: secrets},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			const most = 10
			switch first := via[0].URL; {
			case stay:
				return http.ErrUseLastResponse
			case req.URL.Host != first.Host || req.URL.Scheme != first.Scheme:
				return fmt.Errorf(
					"the server redirects to %s://%s, which was not to be asked: name that one if it is meant",
					req.URL.Scheme,
					req.URL.Host,
				)
			case len(via) >= most:
				return errors.New("the server redirects in a circle")
			}
			return nil
		},
	}
}

// transport bounds requests in time and answers in size.
type transport struct {
	next    http.RoundTripper
	limits  Limits
	secrets *Secrets
}

type answer struct {
	resp *http.Response
	err  error
}

// RoundTrip asks once. What lets itself be known may wait for another program, which knows no deadline: it is left behind.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), t.limits.Timeout, &Silent{After: t.limits.Timeout})
	got := make(chan answer, 1)
	go func() {
		resp, err := t.next.RoundTrip(t.secrets.watched(req.WithContext(ctx))) //nolint:bodyclose // by who takes the answer
		got <- answer{resp, err}
	}()
	select {
	case a := <-got:
		if a.err != nil {
			defer cancel()
			return nil, Explain(t.cause(ctx, a.err))
		}
		a.resp.Body = &body{
			ReadCloser: a.resp.Body,
			left:       t.limits.Body,
			limits:     t.limits,
			cause:      func(err error) error { return t.cause(ctx, err) },
			done:       cancel,
		}
		return a.resp, nil
	case <-ctx.Done():
		go func() {
			if a := <-got; a.resp != nil {
				_ = a.resp.Body.Close()
			}
			cancel()
		}()
		return nil, t.cause(ctx, ctx.Err())
	}
}

// cause is why a request ended: the time that it had is over, the work around it was stopped, or the error itself.
func (t *transport) cause(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, io.EOF) {
		return err
	}
	var silent *Silent
	if errors.As(context.Cause(ctx), &silent) {
		return silent
	}
	return ctx.Err()
}

// body is an answer of at most so many bytes.
type body struct {
	io.ReadCloser
	left   int64
	limits Limits
	cause  func(error) error
	done   context.CancelFunc
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		if n, err := b.ReadCloser.Read(p[:min(len(p), 1)]); n == 0 && err != nil {
			return 0, b.cause(err) // it ends right here
		}
		return 0, &TooLarge{Most: b.limits.Body}
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil {
		err = b.cause(err)
	}
	return n, err
}

func (b *body) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}

// RetryAfter is how long a server asks to wait before it is asked again: seconds, or a date. It is 0 when it does not say.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if s, err := strconv.ParseInt(text, 10, 32); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
