package warn

import (
	"fmt"
	"strings"
)

// file is a path that a volume puts something at.
type file struct{ path, source string }

func (f file) String() string {
	if f.source == "" {
		return fmt.Sprintf("%q", f.path)
	}
	return fmt.Sprintf("%q (%s)", f.path, f.source)
}

// paths looks for files of one volume that hide each other, and for projected volumes of nothing.
func (c *checker) paths(r *Rule, volume value) {
	name := volume.get("name").text()
	if r.Name == "volume-sources" {
		for _, s := range volume.get("projected").get("sources").items() {
			if s.set() && len(s.node.Content) == 0 {
				c.hit(r, s, "{value}", name)
			}
		}
		return
	}
	tell := func(what string, files []file) {
		for i, f := range files {
			for _, other := range files[:i] {
				if overlap(f, other) {
					c.hit(r, volume, "{value}", name, "{text}", fmt.Sprintf("%s): overlapping paths: %s with %s", what, f, other))
				}
			}
		}
	}
	tell(fmt.Sprintf("ConfigMap %q", volume.get("configMap").get("name").text()), itemsOf(volume.get("configMap"), ""))
	tell(fmt.Sprintf("Secret %q", volume.get("secret").get("secretName").text()), itemsOf(volume.get("secret"), ""))
	tell("DownwardAPI", itemsOf(volume.get("downwardAPI"), ""))
	var all []file
	for _, s := range volume.get("projected").get("sources").items() {
		all = append(all, projected(s)...)
	}
	tell("Projected", all)
}

// itemsOf lists the files that a volume names.
func itemsOf(v value, source string) []file {
	var out []file
	for _, i := range v.get("items").items() {
		if len(out) < maxPorts {
			out = append(out, file{strings.TrimRight(i.get("path").text(), "/"), source})
		}
	}
	return out
}

// projected lists the files of one source of a projected volume.
func projected(s value) []file {
	one := func(v value, field, source string) []file {
		if path := v.get(field); path.filled() {
			return []file{{strings.TrimRight(path.text(), "/"), source}}
		}
		return nil
	}
	bundle, certificate := s.get("clusterTrustBundle"), s.get("podCertificate")
	name := bundle.get("name")
	if !name.set() {
		name = bundle.get("signerName")
	}
	switch {
	case s.get("configMap").get("items").set():
		return itemsOf(s.get("configMap"), fmt.Sprintf("ConfigMap %q", s.get("configMap").get("name").text()))
	case s.get("secret").get("items").set():
		return itemsOf(s.get("secret"), fmt.Sprintf("Secret %q", s.get("secret").get("name").text()))
	case s.get("downwardAPI").get("items").set():
		return itemsOf(s.get("downwardAPI"), "DownwardAPI")
	case s.get("serviceAccountToken").set():
		return one(s.get("serviceAccountToken"), "path", "ServiceAccountToken")
	case bundle.set():
		return one(bundle, "path", fmt.Sprintf("ClusterTrustBundle %q", name.text()))
	case certificate.set():
		files := one(certificate, "certificateChainPath", "PodCertificate chain")
		files = append(files, one(certificate, "keyPath", "PodCertificate key")...)
		return append(files, one(certificate, "credentialBundlePath", "PodCertificate credential bundle")...)
	}
	return nil
}

// overlap reports whether one path is the other one, or a folder that it is in.
func overlap(a, b file) bool {
	return a.path != "" && b.path != "" && (strings.HasPrefix(a.path+"/", b.path+"/") || strings.HasPrefix(b.path+"/", a.path+"/"))
}
