package fix

// accessReview renames spec.group.
func accessReview(s *subject) error {
	if e := s.get("spec").find("group"); e != nil {
		e.rename("groups")
	}
	return nil
}

// podCertificate refuses requests that hold a key and its proof apart.
func podCertificate(s *subject) error {
	for _, name := range []string{"pkixPublicKey", "proofOfPossession"} {
		if e := s.get("spec").find(name); e != nil {
			return refuse(e.key, "certificates.k8s.io/v1 takes a signed request in place of %s, which the kubelet makes", name)
		}
	}
	return nil
}

// signingRequest asks for what v1 has no default for.
func signingRequest(s *subject) error {
	spec := s.get("spec")
	switch signer := spec.get("signerName"); {
	case signer.str() == "":
		return refuse(s.version, "it names no signer, which v1 requires: write signerName, such as kubernetes.io/kube-apiserver-client")
	case signer.str() == "kubernetes.io/legacy-unknown":
		return refuse(signer, "v1 does not take the signer kubernetes.io/legacy-unknown; write another one")
	case spec.get("usages") == nil:
		return refuse(s.version, "it has no usages, which v1 requires")
	}
	return nil
}

// leaseCandidate takes the strategy out of its list.
func leaseCandidate(s *subject) error {
	spec := s.get("spec")
	if spec.get("binaryVersion").str() == "" {
		return refuse(s.version, "it has no binaryVersion, which the new version requires")
	}
	e := spec.find("preferredStrategies")
	if e == nil {
		return nil
	}
	if len(e.value.items) != 1 || e.value.items[0].value.kind != scalar {
		return refuse(e.key, "there is one strategy now; leave one of preferredStrategies")
	}
	e.rename("strategy")
	e.replace(text(e.value.items[0].value.value))
	return nil
}

// migration takes the version out of the resource: what is stored is always brought to the storage version.
func migration(s *subject) error {
	spec := s.get("spec")
	if e := spec.find("continueToken"); e != nil {
		return refuse(e.key, "continueToken is gone; take it out, the migration starts anew")
	}
	if r := spec.get("resource"); r.find("version") != nil {
		r.drop(r.find("version"))
		s.note("the version of the resource is gone; a migration brings objects to the storage version")
	}
	return nil
}
