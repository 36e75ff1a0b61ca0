package kube

import (
	"bytes"
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// FuzzProtoList holds the reader of protobuf to that of apimachinery: what that one decodes, it reads alike, and whatever
// comes it ends without a panic.
func FuzzProtoList(f *testing.F) {
	list := metav1.PartialObjectMetadataList{ListMeta: metav1.ListMeta{Continue: "next"}, Items: []metav1.PartialObjectMetadata{
		{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "n", Labels: map[string]string{"owner": "helm"},
			Annotations:   map[string]string{lastAppliedKey: `{"apiVersion":"v1"}`},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "m", APIVersion: "apps/v1", FieldsV1: metav1.NewFieldsV1("{}")}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "b"}}}}
	raw, err := list.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	data, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{Kind: "PartialObjectMetadataList"}, Raw: raw}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append([]byte(protoMagic), data...))
	f.Add([]byte(protoMagic + "\x12\x7f"))
	f.Add([]byte(protoMagic + "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []meta
		next, err := protoList(bytes.NewReader(data), func(m meta) { got = append(got, m) })
		var unknown runtime.Unknown
		var want metav1.PartialObjectMetadataList
		if !bytes.HasPrefix(data, []byte(protoMagic)) || unknown.Unmarshal(data[len(protoMagic):]) != nil || want.Unmarshal(unknown.Raw) != nil || err != nil {
			return
		}
		if next != want.Continue || len(got) != len(want.Items) {
			t.Fatalf("%d items and %q, want %d and %q", len(got), next, len(want.Items), want.Continue)
		}
		for i, m := range got {
			if w := want.Items[i]; m.name != w.Name || m.namespace != w.Namespace || len(m.fields) != len(w.ManagedFields) || len(m.labels) != len(w.Labels) {
				t.Errorf("item %d: %+v, want %+v", i, m, w)
			}
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
		_, err := jsonList(bytes.NewReader(data), func(jsonItem) { n++ })
		var want struct{ Items []json.RawMessage }
		if err == nil && json.Unmarshal(data, &want) == nil && bytes.Count(data, []byte("tems")) == 1 && n != len(want.Items) {
			t.Errorf("%d items, want %d", n, len(want.Items))
		}
	})
}
