package helm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"text/template"
	"time"
)

// tickName is the function that instrument calls in loops.
const tickName = "treadmill_tick"

// What a chart may cost: bytes that loops and definitions write, elements of a list or bytes of a text that one call makes,
// and by how much of it may be in use meanwhile.
const (
	maxWork  = 64 << 20
	maxMade  = 16 << 20
	maxList  = 1_000_000
	maxHeap  = 160 << 20
	perTick  = 64
	maxTpl   = 500
	heapName = "/memory/classes/heap/objects:bytes"
)

// budget ends a rendering that costs too much.
type budget struct {
	ctx    context.Context
	used   atomic.Int64
	nested atomic.Int64
	over   atomic.Bool
	stop   chan struct{}
}

// newBudget starts to watch the heap; close ends that.
func newBudget(ctx context.Context) *budget {
	b := &budget{ctx: ctx, stop: make(chan struct{})}
	first := heap()
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-b.stop:
				return
			case <-tick.C:
				if heap() > first+maxHeap {
					runtime.GC() // what is left is in use
					b.over.Store(heap() > first+maxHeap)
				}
			}
		}
	}()
	return b
}

func (b *budget) close() { close(b.stop) }

func heap() uint64 {
	sample := []metrics.Sample{{Name: heapName}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

var (
	errWork = errors.New("the templates write without end")
	errMade = fmt.Errorf("a function of a template makes more than %d MiB", maxMade>>20)
	errList = fmt.Errorf("a list of a template has more than %d elements", maxList)
)

// tooMuch reports whether an error of the engine, which keeps only texts, is one of a budget.
func tooMuch(err error) bool {
	return slices.ContainsFunc([]error{errWork, errMade, errList, errSelf}, func(e error) bool {
		return strings.Contains(err.Error(), e.Error())
	})
}

// tick counts bytes that are about to be written; a negative number is one more template out of a value, of which each error of the
// engine repeats all those above it.
func (b *budget) tick(n int) (string, error) {
	if n < 0 && b.nested.Add(1) > maxTpl {
		return "", errWork
	}
	n = max(0, n)
	if err := b.ctx.Err(); err != nil {
		return "", err
	}
	if b.used.Add(int64(n)+perTick) > maxWork || b.over.Load() {
		return "", errWork
	}
	return "", nil
}

func (b *budget) made(s string) (string, error) {
	if len(s) > maxMade {
		return "", errMade
	}
	return s, nil
}

// functions are the functions of templates that could cost too much, or that give something else each time: they take the
// place of Helm's.
func (b *budget) functions() template.FuncMap {
	fixed := func(c string) func(int) string {
		return func(n int) string { return strings.Repeat(c, max(0, min(n, 4096))) }
	}
	pem := certificate{"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"}
	cert := func(...any) certificate { return pem }
	text := func(s string) func(...any) string { return func(...any) string { return s } }
	out := template.FuncMap{
		tickName:  b.tick,
		"print":   func(v ...any) (string, error) { return b.made(fmt.Sprint(v...)) },
		"println": func(v ...any) (string, error) { return b.made(fmt.Sprintln(v...)) },
		"printf":  b.printf,
		"repeat": func(n int, s string) (string, error) {
			if n > 0 && len(s) > maxMade/n {
				return "", errMade
			}
			return strings.Repeat(s, max(0, n)), nil
		},
		"until":     func(n int) ([]int, error) { return untilStep(0, n, sign(n)) },
		"untilStep": untilStep,
		"seq":       seq,
		"now":       func() time.Time { return time.Unix(0, 0).UTC() },

		"genPrivateKey": text(pem.Key), "genCA": cert, "genCAWithKey": cert, "genSelfSignedCert": cert, "genSelfSignedCertWithKey": cert,
		"genSignedCert": cert, "genSignedCertWithKey": cert, "derivePassword": text("password"), "htpasswd": text("user:password"),
		"bcrypt": text("password"), "uuidv4": text("00000000-0000-4000-8000-000000000000"), "randBytes": text("AAAAAAAAAAAAAAAAAAAAAA=="),
		"randAlphaNum": fixed("x"), "randAlpha": fixed("x"), "randAscii": fixed("x"), "randNumeric": fixed("1"),
		"randInt": func(low, _ int) int { return low }, "shuffle": func(s string) string { return s },
	}
	maps.Copy(out, b.bounded())
	return out
}

// certificate has the fields of that of Helm's functions.
type certificate struct{ Cert, Key string }

func (b *budget) printf(format string, v ...any) (string, error) {
	if wide(format) {
		return "", errMade
	}
	return b.made(fmt.Sprintf(format, v...))
}

// wide reports whether a format has a verb with a width or precision of more than six digits, or with one that is an argument.
func wide(format string) bool {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		digits := 0
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.[]*", format[i]) >= 0; i++ {
			if digits++; format[i] < '0' || format[i] > '9' {
				digits = 0
			}
			if digits > 6 || format[i] == '*' {
				return true
			}
		}
	}
	return false
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// untilStep counts from start to stop, which is left out.
func untilStep(start, stop, step int) ([]int, error) {
	list := []int{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(list) == maxList {
			return nil, errList
		}
		list = append(list, i)
	}
	return list, nil
}

// seq writes numbers like the program of that name: seq LAST, seq FIRST LAST, seq FIRST STEP LAST.
func seq(params ...int) (string, error) {
	var last int
	first, step := 1, 1
	switch len(params) {
	case 1:
		if last = params[0]; last < first {
			step = -1
		}
	case 2:
		if first, last = params[0], params[1]; last < first {
			step = -1
		}
	case 3:
		first, step, last = params[0], params[1], params[2]
	default:
		return "", nil
	}
	list, err := untilStep(first, last+sign(step), step)
	return strings.Trim(fmt.Sprint(list), "[]"), err
}
