package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"treadmill/internal/net"
)

const (
	attempts   = 7 // how often a request is sent before it counts as failed
	firstTries = 3 // the same for a server that has never answered: it may not be there
	firstPause = 250 * time.Millisecond
	maxPause   = 30 * time.Second
	silences   = 2         // how often a server that has answered before may be silent
	maxBody    = 256 << 20 // of one answer, in bytes
)

// statusError is an answer other than 200.
type statusError struct {
	code    int
	message string // the server's words
	next    string // with 410: a continue token that goes on with what is there now
}

func (e *statusError) Error() string {
	if e.code == http.StatusForbidden {
		return e.message + " (docs/live.md has the ClusterRole that a scan needs)"
	}
	return fmt.Sprintf("%d %s: %s", e.code, http.StatusText(e.code), e.message)
}

// code is the status of an answer, 0 for an error of another kind.
func code(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.code
	}
	return 0
}

// get sends a GET until it is answered and its body is read by use, which starts anew with each attempt. It pauses
// after answers of 429 and 5xx and after broken connections, for as long as the server asks for in Retry-After and else
// for longer each time.
func (c *Cluster) get(ctx context.Context, path string, query url.Values, accept string, use func(*http.Response) error) error {
	if err := net.CheckPath(path); err != nil {
		return err
	}
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	pause, silent := firstPause, 0
	for n := 1; ; n++ {
		wait, err := c.try(ctx, u.String(), accept, use)
		if err == nil || code(err) != 0 {
			c.answered.Store(true)
		}
		if again := new(net.Silent); errors.As(err, &again) {
			silent++
		}
		if err == nil || ctx.Err() != nil || n == attempts || n == firstTries && !c.answered.Load() || !temporary(err) ||
			silent == silences || silent > 0 && !c.answered.Load() {
			return err
		}
		if wait > c.limits.Timeout {
			return fmt.Errorf("%w; it asks to wait for %s, longer than one request may take (--timeout)", err, wait)
		}
		if wait == 0 {
			wait = pause + rand.N(pause/2)
			pause *= 2
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(wait, maxPause)):
		}
	}
}

// temporary reports whether another attempt may go better.
func temporary(err error) bool {
	switch status := code(err); {
	case status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented:
		return true
	case status != 0:
		return false
	}
	var broken *url.Error
	return errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errBroken)
}

// errBroken says that the body of an answer ended too early or is not what it should be.
var errBroken = errors.New("the answer is broken off")

// try sends one request. wait is what the server asks for before the next one.
func (c *Cluster) try(ctx context.Context, u, accept string, use func(*http.Response) error) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", accept)
	resp, err := c.client.Do(req)
	if err != nil {
		if text := err.Error(); c.plugin != nil && c.plugin.Replace(text) != text {
			err = errors.New(c.plugin.Replace(text)) // it is not worth another attempt
		}
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // what was read of it has been judged by then
	if resp.StatusCode == http.StatusOK {
		return 0, use(resp)
	}
	return net.RetryAfter(resp.Header, time.Now()), c.readStatus(resp)
}

// readStatus makes an error of an answer that is not 200: the server's own words where it speaks JSON.
func (c *Cluster) readStatus(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return err
	}
	var status struct {
		Message  string `json:"message"`
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
	}
	if json.Unmarshal(body, &status) != nil || status.Message == "" {
		status.Message = "the server gives no reason"
	}
	return &statusError{resp.StatusCode, c.secrets.Redact(status.Message), status.Metadata.Continue}
}
