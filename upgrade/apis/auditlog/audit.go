package auditlog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"treadmill/internal/diag"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// maxCallers bounds how many callers an audit log may tell apart, and so the memory that it takes.
const maxCallers = 100_000

// maxBroken bounds how many broken lines of one log are reported one by one.
const maxBroken = 20

// event is what is needed of an audit event (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/).
type event struct {
	Kind  string `json:"kind"`
	Stage string `json:"stage"`
	Verb  string `json:"verb"`
	User  struct {
		Username string `json:"username"`
	} `json:"user"`
	UserAgent string `json:"userAgent"`
	ObjectRef *struct {
		Resource   string `json:"resource"`
		APIGroup   string `json:"apiGroup"`
		APIVersion string `json:"apiVersion"`
	} `json:"objectRef"`
	Received    time.Time         `json:"requestReceivedTimestamp"`
	Annotations map[string]string `json:"annotations"`
}

// Log is what an audit log says.
type Log struct {
	Calls    []Call         // of APIs that some release deprecates, one for each API, user and agent
	Findings []diag.Finding // lines that are no audit events
	Events   int            // how many events were read
	Own      int            // how many calls of such APIs were left out as the control plane's or this program's
}

// Audit reads an audit log: JSON lines, as they are or compressed with gzip. A line that is broken or cut off is a
// finding and the rest is read. An event counts when its response is complete, or, for a watch, has begun. The error is
// one of reading; what was read before it is in the Log.
func Audit(r io.Reader, name string, table *lifecycle.Table) (Log, error) {
	a := audit{name: name, fading: map[API]bool{}, callers: map[caller]*Call{}}
	for _, api := range table.APIs {
		if !api.Deprecated.IsZero() || !api.Removed.IsZero() {
			a.fading[API{api.Group, api.Version, api.Resource}] = true
		}
	}
	lines := bufio.NewReaderSize(r, 64<<10)
	if head, _ := lines.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(lines)
		if err != nil {
			return a.log, err
		}
		lines = bufio.NewReaderSize(z, 64<<10)
	}
	err := a.read(lines)
	for _, c := range a.callers {
		slices.Sort(c.Verbs)
		a.log.Calls = append(a.log.Calls, *c)
	}
	slices.SortFunc(a.log.Calls, compare)
	diag.Sort(a.log.Findings)
	return a.log, err
}

type caller struct {
	API
	user, agent string
}

type audit struct {
	name    string
	line    int
	fading  map[API]bool
	callers map[caller]*Call
	broken  int
	full    bool
	log     Log
}

func (a *audit) read(lines *bufio.Reader) error {
	for {
		a.line++
		line, err := readLine(lines)
		switch {
		case errors.Is(err, io.EOF):
			a.end()
			return nil
		case errors.Is(err, errLong):
			a.fail("the line is longer than %d MiB", maxLine>>20)
		case err != nil && !errors.Is(err, errCut):
			a.end()
			return err
		case len(bytes.TrimSpace(line)) > 0:
			a.event(line)
		}
	}
}

// event takes one line in.
func (a *audit) event(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && int(syntax.Offset) == len(line) && line[len(line)-1] != '}' {
			a.fail("the line is cut off in the middle of an event")
		} else {
			a.fail("not a JSON audit event: %v", err)
		}
		return
	}
	if e.Kind != "" && e.Kind != "Event" {
		a.fail("not an audit event but a %q", e.Kind)
		return
	}
	a.log.Events++
	if e.ObjectRef != nil && e.ObjectRef.APIVersion != "" && (e.Stage == "ResponseComplete" || e.Stage == "ResponseStarted") {
		a.call(e)
	}
}

func (a *audit) call(e event) {
	api := API{e.ObjectRef.APIGroup, e.ObjectRef.APIVersion, e.ObjectRef.Resource}
	said := e.Annotations["k8s.io/deprecated"] == "true"
	if !said && !a.fading[api] {
		return
	}
	if own(e.User.Username, e.UserAgent) {
		a.log.Own++
		return
	}
	key := caller{api, e.User.Username, e.UserAgent}
	c := a.callers[key]
	if c == nil {
		if len(a.callers) == maxCallers {
			a.full = true
			return
		}
		c = &Call{API: api, User: e.User.Username, Agent: e.UserAgent, Source: object.Audit, Position: diag.Position{File: a.name, Line: a.line}}
		a.callers[key] = c
	}
	if c.Count == 0 || (e.Stage == "ResponseComplete") != (e.Verb == "watch") { // a watch that is still open never completes
		c.Count++
	}
	if !slices.Contains(c.Verbs, e.Verb) {
		c.Verbs = append(c.Verbs, e.Verb)
	}
	if e.Received.After(c.Last) {
		c.Last = e.Received
	}
	if said {
		c.Deprecated, c.Removed = true, minor(e.Annotations["k8s.io/removed-release"])
	}
}

// fail reports a line, the first ones one by one.
func (a *audit) fail(format string, args ...any) {
	if a.broken++; a.broken <= maxBroken {
		a.finding(fmt.Sprintf(format, args...), a.line)
	}
}

func (a *audit) finding(message string, line int) {
	a.log.Findings = append(a.log.Findings, diag.Finding{ID: diag.Syntax, Severity: diag.Error, Message: message,
		Position: diag.Position{File: a.name, Line: line}})
}

// end reports what is not bound to one line.
func (a *audit) end() {
	if more := a.broken - maxBroken; more > 0 {
		a.finding(fmt.Sprintf("%d more lines are no audit events", more), 0)
	}
	if a.full {
		a.finding(fmt.Sprintf("more than %d callers: the others were not told apart and are missing", maxCallers), 0)
	}
	if a.log.Events == 0 && a.broken == 0 {
		a.finding("holds no audit event", 0)
	}
}
