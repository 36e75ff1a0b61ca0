package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// FuzzProtoList makes sure that whatever a server answers in protobuf ends in a list or an error, and that a list that broke off
// is an error that is tried again.
func FuzzProtoList(f *testing.F) {
	list := metav1.PartialObjectMetadataList{ListMeta: metav1.ListMeta{Continue: "next"}, Items: []metav1.PartialObjectMetadata{
		{
			ObjectMeta: metav1.ObjectMeta{
				Name:          "a",
				Namespace:     "n",
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "m", APIVersion: "apps/v1"}},
			},
		}}}
	raw, err := list.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	data, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{Kind: "PartialObjectMetadataList"}, Raw: raw}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	whole := append([]byte(protoMagic), data...)
	f.Add(whole)
	f.Add([]byte(protoMagic + "\x12\x7f"))
	f.Add([]byte(protoMagic + "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		_, err := protoList(bytes.NewReader(data), func(metav1.ObjectMeta) { n++ })
		switch {
		case err != nil && !errors.Is(err, errBroken):
			t.Errorf("%v is not tried again", err)
		case bytes.HasPrefix(whole, data) && len(data) < len(whole)-4 && err == nil:
			t.Errorf("%d of %d bytes are taken for a list", len(data), len(whole))
		}
	})
}

// FuzzJSONList makes sure that a list in JSON is read whole or refused.
func FuzzJSONList(f *testing.F) {
	f.Add([]byte(`{"kind":"List","metadata":{"continue":"x"},"items":[{"metadata":{"name":"a"}},null]}`))
	f.Add([]byte(`{"items":null}`))
	f.Add([]byte(`{"items":[{"metadata":{"name":"a"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		_, err := jsonList(bytes.NewReader(data), func(metav1.PartialObjectMetadata) { n++ })
		var want struct{ Items []json.RawMessage }
		if err == nil && json.Unmarshal(data, &want) == nil && bytes.Count(data, []byte("tems")) == 1 && n != len(want.Items) {
			t.Errorf("%d items, want %d", n, len(want.Items))
		}
	})
}
