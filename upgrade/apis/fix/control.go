package fix

import "treadmill/internal/yamlx/edit"

// accessReview renames spec.group.
func accessReview(s *subject) error {
	if e := s.Get("spec").Find("group"); e != nil {
		e.Rename("groups")
	}
	return nil
}

// podCertificate refuses requests that hold a key and its proof apart.
func podCertificate(s *subject) error {
	for _, name := range []string{"pkixPublicKey", "proofOfPossession"} {
		if e := s.Get("spec").Find(name); e != nil {
			return refuse(e.Key, "certificates.k8s.io/v1 takes a signed request instead of %s, which the kubelet makes", name)
		}
	}
	return nil
}

// signingRequest asks for what v1 has no default for.
func signingRequest(s *subject) error {
	spec := s.Get("spec")
	switch signer := spec.Get("signerName"); {
	case signer.Str() == "":
		return refuse(s.version, "it names no signer, which v1 requires: write signerName, such as kubernetes.io/kube-apiserver-client")
	case signer.Str() == "kubernetes.io/legacy-unknown":
		return refuse(signer, "v1 does not take the signer kubernetes.io/legacy-unknown; write another one")
	case spec.Get("usages") == nil:
		return refuse(s.version, "it has no usages, which v1 requires")
	}
	return nil
}

// leaseCandidate takes the strategy out of its list.
func leaseCandidate(s *subject) error {
	spec := s.Get("spec")
	if spec.Get("binaryVersion").Str() == "" {
		return refuse(s.version, "it has no binaryVersion, which the new version requires")
	}
	e := spec.Find("preferredStrategies")
	if e == nil {
		return nil
	}
	if len(e.Value.Items) != 1 || e.Value.Items[0].Value.Kind != edit.Scalar {
		return refuse(e.Key, "there is one strategy now; leave one of preferredStrategies")
	}
	e.Rename("strategy")
	e.Replace(edit.Text(e.Value.Items[0].Value.Value))
	return nil
}

// migration takes the version out of the resource: what is stored is always brought to the storage version.
func migration(s *subject) error {
	spec := s.Get("spec")
	if e := spec.Find("continueToken"); e != nil {
		return refuse(e.Key, "continueToken is gone; take it out, the migration starts anew")
	}
	if r := spec.Get("resource"); r.Find("version") != nil {
		r.Drop(r.Find("version"))
		s.note("the version of the resource is gone; a migration brings objects to the storage version")
	}
	return nil
}
