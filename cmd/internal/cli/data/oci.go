package data

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"treadmill/internal/snapshot"
)

// pull takes the snapshot out of an artefact of an OCI registry, with the credentials that the user's registry clients have.
func pull(ctx context.Context, reference string) ([]byte, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	image, err := remote.Image(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		kind, err := l.MediaType()
		if err != nil {
			return nil, err
		}
		if string(kind) != snapshot.MediaType {
			continue
		}
		r, err := l.Compressed() // as it was pushed
		if err != nil {
			return nil, err
		}
		defer func() { _ = r.Close() }() // it has been read, or its error was
		return bounded(r)
	}
	return nil, fmt.Errorf("the artefact has no layer of the type %s", snapshot.MediaType)
}
