package warn

import (
	"fmt"
	"strings"
)

// Annotations that fields have taken the place of.
const (
	seccompPod        = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainer  = "container.seccomp.security.alpha.kubernetes.io/"
	apparmorContainer = "container.apparmor.security.beta.kubernetes.io/"
)

// podded tests what a pod has; ok is false for other tests.
func (c *checker) podded(r *Rule, v value) (ok bool) {
	switch r.test {
	case "seccomp":
		c.seccomp(r, v)
	case "apparmor":
		c.apparmor(r, v)
	case "env":
		c.env(r, v)
	case "ports":
		c.ports(r, v)
	case "paths":
		c.paths(r, v)
	default:
		return false
	}
	return true
}

// seccomp looks for annotations without the field that took their place.
func (c *checker) seccomp(r *Rule, annotations value) {
	spec := c.pod.get("spec")
	if a := annotations.keyed(seccompPod); a.node != nil && !spec.get("securityContext").get("seccompProfile").set() {
		c.hit(r, a)
	}
	for _, container := range spec.containers() {
		a := annotations.keyed(seccompContainer + container.get("name").text())
		if a.node != nil && !container.get("securityContext").get("seccompProfile").set() {
			c.hit(r, a)
		}
	}
}

// apparmor looks for annotations that no field says as well. The server reads those of a Pod with more forbearance.
func (c *checker) apparmor(r *Rule, annotations value) {
	spec := c.pod.get("spec")
	if c.kind == "Pod" && spec.get("os").get("name").text() == "windows" {
		return
	}
	profile := spec.get("securityContext").get("appArmorProfile")
	for _, container := range spec.containers() {
		a := annotations.keyed(apparmorContainer + container.get("name").text())
		if a.node == nil || container.get("securityContext").get("appArmorProfile").set() || sameProfile(profile, a.text()) {
			continue
		}
		c.hit(r, a)
	}
}

// sameProfile reports whether the profile of a pod is what an annotation says.
func sameProfile(profile value, annotation string) bool {
	kind, local := profile.get("type").text(), profile.get("localhostProfile")
	switch where, name, _ := strings.Cut(annotation, "/"); {
	case annotation == "unconfined":
		return kind == "Unconfined" && !local.set()
	case where == "runtime" && name == "default":
		return kind == "RuntimeDefault" && !local.set()
	case where == "localhost" && name != "":
		return kind == "Localhost" && local.text() == name
	}
	return false
}

// env looks for variables that are defined again, unless the new value builds on the old one.
func (c *checker) env(r *Rule, env value) {
	seen := map[string]bool{}
	for _, e := range env.items() {
		name := e.get("name").text()
		if ref := "$(" + name + ")"; seen[name] {
			v := e.get("value").text()
			if e.get("valueFrom").set() || v == ref || !strings.Contains(v, ref) {
				c.hit(r, e, "{value}", name)
			}
		}
		seen[name] = true
	}
}

// port is one port of a container.
type port struct {
	value
	name, number, host, ip, protocol string
}

// portsOf lists the ports of all containers, with the server's defaults, of which one is not for templates.
func (c *checker) portsOf(spec value) []port {
	var all []port
	for _, container := range spec.containers() {
		for _, v := range container.get("ports").items() {
			p := port{value: v, name: v.get("name").text(), number: v.get("containerPort").text(), host: v.get("hostPort").text(),
				ip: v.get("hostIP").text(), protocol: v.get("protocol").text()}
			if p.host == "" && c.kind == "Pod" && spec.get("hostNetwork").text() == "true" {
				p.host = p.number
			}
			if p.host == "" {
				p.host = "0"
			}
			if p.protocol == "" {
				p.protocol = "TCP"
			}
			if all = append(all, p); len(all) > maxPorts {
				return all
			}
		}
	}
	return all
}

// maxPorts bounds the ports that are compared with each other.
const maxPorts = 500

// ports compares the ports of a pod with each other. Each of its rules finds its own clash.
func (c *checker) ports(r *Rule, spec value) {
	names := map[string]string{}
	all := c.portsOf(spec)
	for i, p := range all {
		switch r.Name {
		case "port-host":
			if p.ip != "" && p.host == "0" {
				c.hit(
					r,
					p.value,
					"{text}",
					fmt.Sprintf("{Name:%s HostPort:%s ContainerPort:%s Protocol:%s HostIP:%s}", p.name, p.host, p.number, p.protocol, p.ip),
				)
			}
		case "port-name":
			if other, taken := names[p.name]; taken && p.name != "" {
				c.hit(r, p.value, "{value}", p.name, "{text}", other)
			} else {
				names[p.name] = p.path
			}
		default:
			for _, other := range all[:i] {
				if p.number == other.number && p.protocol == other.protocol && clash(p, other) == r.Name {
					c.hit(r, p.value, "{text}", other.path)
				}
			}
		}
	}
}

// clash names the rule for two ports of one number and protocol; "" for none.
func clash(p, q port) string {
	switch {
	case p.ip == q.ip && p.host == q.host:
		return "port-duplicate"
	case p.host == "0" || q.host == "0":
		return "port-overlap"
	case p.host == q.host && (p.ip == "") != (q.ip == ""):
		return "port-ambiguous"
	}
	return ""
}
