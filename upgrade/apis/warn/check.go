package warn

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// check makes the test of a rule on a value.
func (c *checker) check(r *Rule, v value) {
	switch r.test {
	case "set":
		c.hitIf(v.set(), r, v)
	case "filled":
		c.hitIf(v.filled(), r, v)
	case "is":
		c.hitIf(v.text() == r.arg, r, v)
	case "contains":
		c.hitIf(strings.Contains(v.text(), r.arg), r, v)
	case "suffix":
		c.hitIf(strings.HasSuffix(v.text(), r.arg), r, v)
	case "key":
		k := v.keyed(r.arg)
		c.hitIf(k.node != nil, r, k)
	case "unset":
		c.hitIf(!v.set(), r, v)
	case "blank":
		c.hitIf(v.text() == "", r, v)
	case "negative":
		n, ok := v.number()
		c.hitIf(ok && n < 0, r, v)
	case "upper":
		c.hitIf(v.text() != strings.ToLower(v.text()), r, v)
	default:
		c.checkMeaning(r, v)
	}
}

// checkMeaning makes the tests that take a value for more than its text.
func (c *checker) checkMeaning(r *Rule, v value) {
	switch r.test {
	case "label":
		c.label(r, v)
	case "repeated":
		c.repeated(r, v)
	case "label-value":
		for _, why := range validation.IsValidLabelValue(v.text()) {
			c.hit(r, v, "{text}", why)
		}
	case "name":
		if why := validation.IsDNS1123Label(v.text()); v.filled() && len(why) > 0 {
			c.hit(r, v, "{text}", fmt.Sprint(why))
		}
	case "ip", "cidr":
		c.address(r, v)
	case "fraction":
		c.fraction(r, v.keyed(r.arg))
	case "quota":
		c.quota(r, v)
	default:
		if !c.service(r, v) && !c.podded(r, v) {
			c.special(r, v)
		}
	}
}

func (c *checker) hitIf(is bool, r *Rule, v value) {
	if is {
		c.hit(r, v)
	}
}

// label looks for a label of nodes: the key of a map's entry, or the text of a value.
func (c *checker) label(r *Rule, v value) {
	name := v.text()
	if strings.HasSuffix(r.path[len(r.path)-1], "{}") {
		name = v.key
	}
	l, ok := c.table.labels[name]
	if !ok {
		return
	}
	c.hit(r, v, "{label}", l.says)
	w := &c.found[len(c.found)-1]
	w.Deprecated, w.Removed = l.deprecated, l.removed
}

// repeated looks for an element before whose field has the same text. v is that field of one element.
func (c *checker) repeated(r *Rule, v value) {
	list, name := r.path[:len(r.path)-1], r.path[len(r.path)-1]
	for i, before := range walk([]value{c.pod}, list) {
		if before.path == v.up || i == maxPorts {
			return
		}
		if before.get(name).text() == v.text() {
			c.hit(r, v)
			return
		}
	}
}

// service tests what a Service has; ok is false for other tests.
func (c *checker) service(r *Rule, v value) (ok bool) {
	spec := c.root.get("spec")
	kind := spec.get("type").text()
	external := kind == "ExternalName"
	headless := (kind == "" || kind == "ClusterIP") &&
		(spec.get("clusterIP").text() == "None" || first(spec.get("clusterIPs")).text() == "None")
	switch r.test {
	case "external-ips":
		c.hitIf(v.filled() && !headless && !external, r, v)
	case "headless":
		c.hitIf(v.filled() && v.text() != "None" && headless, r, v)
	case "external-name":
		c.hitIf(v.filled() && external, r, v)
	case "not-external-name":
		c.hitIf(v.filled() && !external, r, v)
	default:
		return false
	}
	return true
}

func first(v value) value {
	if all := v.items(); len(all) > 0 {
		return all[0]
	}
	return value{}
}
