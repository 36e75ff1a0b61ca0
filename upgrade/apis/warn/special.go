package warn

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

const ingressClass = "kubernetes.io/ingress.class"

// special makes the tests that are for one kind.
func (c *checker) special(r *Rule, v value) {
	switch r.test {
	case "ingress-class":
		if a := v.keyed(ingressClass); a.node != nil && !c.root.get("spec").get("ingressClassName").set() {
			c.hit(r, a)
		}
	case "indexed":
		completions, _ := v.get("completions").number()
		parallelism, _ := v.get("parallelism").number()
		c.hitIf(v.get("completionMode").text() == "Indexed" && completions > 100_000 && parallelism > 10_000, r, v)
	case "tokens":
		c.hitIf(v.filled() && !c.root.get("spec").get("serviceAccountTokenInSecrets").set(), r, v)
	case "tls":
		c.tls(r, v)
	case "excluded":
		c.excluded(r, v)
	case "owners":
		c.owners(r, v)
	}
}

// tls looks for a certificate and a key that do not belong together. What is wrong is told, never what they are.
func (c *checker) tls(r *Rule, kind value) {
	if kind.text() != "kubernetes.io/tls" {
		return
	}
	certificate, ok := c.secret("tls.crt")
	key, is := c.secret("tls.key")
	if !ok || !is {
		return
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		c.hit(r, kind, "{text}", err.Error())
	}
}

// secret is a value of a Secret; ok is false if it is not in Base64.
func (c *checker) secret(name string) (data []byte, ok bool) {
	if plain := c.root.get("stringData").get(name); plain.set() {
		return []byte(plain.text()), true
	}
	text := strings.Join(strings.Fields(c.root.get("data").get(name).text()), "")
	data, err := base64.StdEncoding.DecodeString(text)
	return data, err == nil
}

// excluded looks for rules of webhooks about reviews, for which no webhook is called.
func (c *checker) excluded(r *Rule, rule value) {
	groups, resources := texts(rule.get("apiGroups")), texts(rule.get("resources"))
	if slices.Contains(groups, "*") || slices.Contains(resources, "*") {
		return
	}
	var told []string
	for _, g := range groups {
		for _, name := range resources {
			of := name + "." + g
			switch of {
			case "selfsubjectreviews.authentication.k8s.io", "tokenreviews.authentication.k8s.io", "localsubjectaccessreviews.authorization.k8s.io",
				"selfsubjectaccessreviews.authorization.k8s.io", "selfsubjectrulesreviews.authorization.k8s.io",
				"subjectaccessreviews.authorization.k8s.io":
				if !slices.Contains(told, of) {
					told = append(told, of)
					c.hit(r, rule, "{text}", of)
				}
			}
		}
	}
}

func texts(v value) []string {
	var out []string
	for _, i := range v.items() {
		out = append(out, i.text())
	}
	return out
}

// owners looks for owners that are listed twice.
func (c *checker) owners(r *Rule, refs value) {
	seen := map[string]bool{}
	var twice []string
	for _, ref := range refs.items() {
		all := fmt.Sprint(fields(ref))
		if seen[all] {
			twice = append(twice, ref.get("uid").text())
		}
		seen[all] = true
	}
	if len(twice) > 0 {
		c.hit(r, refs, "{text}", strings.Join(twice, ", "))
	}
}

// fields are the texts of a map by their names.
func fields(v value) map[string]string {
	out := map[string]string{}
	for _, k := range v.keys() {
		out[k.key] = k.text()
	}
	return out
}
