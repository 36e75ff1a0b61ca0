package warn

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"
)

// address looks for addresses and networks that are not written in the one right form. Those that are wrong the server
// refuses in the end; those that could be written otherwise it only warns of, except in new EndpointSlices.
func (c *checker) address(r *Rule, v value) {
	text := v.text()
	if len(text) > 100 || strings.HasPrefix(text, "None") {
		return
	}
	if by := c.root.get("metadata").get("labels"); c.kind == "Endpoints" &&
		by.get("endpoints.kubernetes.io/managed-by").text() == "endpoint-controller" ||
		c.kind == "EndpointSlice" && strings.HasPrefix(by.get("endpointslice.kubernetes.io/managed-by").text(), "endpointslice") {
		return
	}
	var says []string
	if r.test == "ip" {
		if netutils.ParseIPSloppy(text) == nil {
			return
		}
		says = validation.GetWarningsForIP(field.NewPath(v.path), text)
	} else {
		if _, _, err := netutils.ParseCIDRSloppy(text); err != nil {
			return
		}
		says = validation.GetWarningsForCIDR(field.NewPath(v.path), text)
	}
	for _, s := range says {
		rule := r
		switch another := strings.Contains(s, "RFC 5952"); {
		case another && c.kind == "EndpointSlice":
			rule = c.table.named("address-slice")
		case another:
			rule = c.table.named("address-form")
		}
		c.hit(rule, v, "{text}", s)
	}
}

// named returns the first rule of a name.
func (t *Table) named(name string) *Rule {
	for _, r := range t.rules {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// quantity reads an amount; ok is false for what is none, or of an absurd length.
func quantity(v value) (q resource.Quantity, ok bool) {
	text := v.text()
	if text == "" || len(text) > 40 || strings.ContainsAny(text, "eE") && len(text) > 20 {
		return q, false
	}
	q, err := resource.ParseQuantity(text)
	return q, err == nil
}

// fraction looks for bytes that are no whole number.
func (c *checker) fraction(r *Rule, v value) {
	q, ok := quantity(v)
	if !ok {
		return
	}
	if q.RoundUp(resource.Milli); q.MilliValue()%1000 != 0 { // as the server does first
		c.hit(r, v, "{value}", q.String())
	}
}

// quota looks for requests that are higher than their limit.
func (c *checker) quota(r *Rule, hard value) {
	for _, name := range []string{"cpu", "memory", "storage", "ephemeral-storage"} {
		asked := hard.keyed("requests." + name)
		if !asked.set() && (name == "cpu" || name == "memory") {
			asked = hard.keyed(name)
		}
		limit := hard.keyed("limits." + name)
		a, isA := quantity(asked)
		l, isL := quantity(limit)
		if isA && isL && a.Cmp(l) > 0 {
			c.hit(r, asked, "{text}", fmt.Sprintf("%s (%s) should be less than %s (%s)", asked.key, a.String(), limit.key, l.String()))
		}
	}
}
