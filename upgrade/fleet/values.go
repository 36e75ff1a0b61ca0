package fleet

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"treadmill/upgrade"
)

// Duration is a length of calendar time, written 30d, 2w or 12h.
type Duration time.Duration

// UnmarshalText reads the duration by upgrade.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := upgrade.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// String writes the duration in days where it is whole days.
func (d Duration) String() string {
	if t := time.Duration(d); t%(24*time.Hour) == 0 {
		return strconv.Itoa(int(t/(24*time.Hour))) + "d"
	}
	return time.Duration(d).String()
}

// Money is an exact amount in millionths of the currency.
type Money int64

// Unit is one of the currency.
const Unit Money = 1_000_000

var moneyText = regexp.MustCompile(`^(\d{1,9})(?:\.(\d{1,6}))?$`)

// UnmarshalText reads an amount such as 1500 or 0.50, at most six decimals, not negative, below a thousand million.
func (m *Money) UnmarshalText(text []byte) error {
	p := moneyText.FindStringSubmatch(string(text))
	if p == nil {
		return fmt.Errorf("%.40q is not an amount: want one such as 1500 or 0.50, not negative, with at most six decimals", text)
	}
	whole, _ := strconv.ParseInt(p[1], 10, 64) // the expression matched digits
	part, _ := strconv.ParseInt((p[2] + "000000")[:6], 10, 64)
	*m = Money(whole)*Unit + Money(part)
	return nil
}

// MoneyOf is an exact price as money, rounded up to millionths.
func MoneyOf(r *big.Rat) Money {
	n := new(big.Int).Mul(r.Num(), big.NewInt(int64(Unit)))
	q, rest := new(big.Int).QuoRem(n, r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return Money(q.Int64())
}

// String writes the amount with as many decimals as it needs, and two where it has any: 1500, 0.50, 0.123.
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	s := strconv.FormatInt(int64(m/Unit), 10)
	if m%Unit != 0 {
		part := strings.TrimRight(fmt.Sprintf("%06d", m%Unit), "0")
		if len(part) < 2 {
			part += "0"
		}
		s += "." + part
	}
	return sign + s
}

// MarshalJSON writes the amount as a number.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Money) UnmarshalJSON(text []byte) error {
	r, ok := new(big.Rat).SetString(string(text))
	if !ok || len(text) > 24 || strings.ContainsAny(string(text), "eE/") {
		return fmt.Errorf("%.40q is not an amount", text)
	}
	*m = MoneyOf(r)
	return nil
}

// Cents rounds to hundredths, half up.
func (m Money) Cents() Money {
	const cent = Unit / 100
	return (m + cent/2) / cent * cent
}

// Target is the version that clusters are brought to: Behind minors below the newest, or Fixed, or only what is supported.
type Target struct {
	Behind    int
	Fixed     upgrade.Minor
	Supported bool
}

// UnmarshalText reads latest, latest-2, supported or a version.
func (t *Target) UnmarshalText(text []byte) error {
	s := string(text)
	*t = Target{}
	if s == "supported" {
		t.Supported = true
		return nil
	}
	if rest, ok := strings.CutPrefix(s, "latest"); ok {
		if rest == "" {
			return nil
		}
		if n, err := strconv.ParseUint(strings.TrimPrefix(rest, "-"), 10, 8); err == nil && rest[0] == '-' && n <= 9 {
			t.Behind = int(n)
			return nil
		}
	} else if v, err := upgrade.ParseMinor(s); err == nil {
		t.Fixed = v
		return nil
	}
	return fmt.Errorf("%q is not a target: want latest, latest-1, supported or a version such as \"1.36\"", s)
}

// String writes the target as it is read.
func (t Target) String() string {
	switch {
	case t.Supported:
		return "supported"
	case !t.Fixed.IsZero():
		return t.Fixed.String()
	case t.Behind > 0:
		return "latest-" + strconv.Itoa(t.Behind)
	default:
		return "latest"
	}
}
