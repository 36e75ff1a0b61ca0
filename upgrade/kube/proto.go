package kube

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxItem is the largest object that is held in memory, in bytes; etcd's own limit is 1.5 MiB unless it was raised.
const maxItem = 16 << 20

// The numbers of the fields that are read, of k8s.io/apimachinery's runtime.Unknown, meta/v1 PartialObjectMetadataList,
// ListMeta, ObjectMeta and ManagedFieldsEntry (their generated.proto; numbers never change).
const (
	unknownRaw         = 2
	listMeta, listItem = 1, 2
	listContinue       = 3
	itemMeta           = 1
	metaName           = 1
	metaNamespace      = 3
	metaLabels         = 11
	metaAnnotations    = 12
	metaManagedFields  = 17
	entryManager       = 1
	entryAPIVersion    = 3
	mapKey, mapValue   = 1, 2
)

// protoMagic begins every answer in Kubernetes' protobuf encoding.
const protoMagic = "k8s\x00"

// protoList reads a PartialObjectMetadataList in protobuf, with one object in memory at a time, and returns the token
// that continues the list, "" at its end.
func protoList(body io.Reader, yield func(meta)) (next string, err error) {
	r := bufio.NewReaderSize(body, 64<<10)
	head := make([]byte, len(protoMagic))
	if _, err := io.ReadFull(r, head); err != nil {
		return "", broken(err)
	}
	if string(head) != protoMagic {
		return "", fmt.Errorf("%w: it does not begin as protobuf of Kubernetes", errBroken)
	}
	p := protoReader{r: r, left: 1 << 40}
	for complete := false; ; {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) && complete {
			return next, nil
		}
		number, size, err := p.field()
		switch {
		case err != nil:
			return "", broken(err)
		case number == unknownRaw:
			complete = true
			inner := protoReader{r: r, left: size, buf: p.buf}
			if next, err = inner.list(yield); err != nil {
				return "", broken(err)
			}
			p.left -= size
		default:
			if err := p.skip(size); err != nil {
				return "", broken(err)
			}
		}
	}
}

// broken marks an answer that ends too early, so that it is asked for again.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

// protoReader reads the fields of one message, of which left bytes are to come.
type protoReader struct {
	r    *bufio.Reader
	left int64
	buf  []byte // holds one item; reused
}

// field reads the head of the next field. Fields that are no bytes are skipped; at the message's end err is io.EOF.
func (p *protoReader) field() (number protowire.Number, size int64, err error) {
	for p.left > 0 {
		tag, err := p.varint()
		if err != nil {
			return 0, 0, broken(err)
		}
		number, kind := protowire.DecodeTag(tag)
		switch kind {
		case protowire.VarintType:
			_, err = p.varint()
		case protowire.Fixed32Type:
			err = p.skip(4)
		case protowire.Fixed64Type:
			err = p.skip(8)
		case protowire.BytesType:
			size, err := p.varint()
			if err != nil {
				return 0, 0, broken(err)
			}
			if size > uint64(p.left) {
				return 0, 0, broken(fmt.Errorf("a field of %d bytes does not fit", size))
			}
			return number, int64(size), nil
		default:
			err = fmt.Errorf("a field of type %d", kind)
		}
		if err != nil {
			return 0, 0, broken(err)
		}
	}
	return 0, 0, io.EOF
}

func (p *protoReader) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b, err := p.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if p.left--; p.left < 0 {
			return 0, io.ErrUnexpectedEOF
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, fmt.Errorf("a number is too long")
}

func (p *protoReader) skip(n int64) error {
	if n > p.left {
		return io.ErrUnexpectedEOF
	}
	p.left -= n
	_, err := io.CopyN(io.Discard, p.r, n)
	return err
}

// bytes reads a field's value into the buffer.
func (p *protoReader) bytes(n int64) ([]byte, error) {
	if n > maxItem {
		return nil, fmt.Errorf("an object of %d bytes, which is more than %d MiB", n, maxItem>>20)
	}
	if int64(cap(p.buf)) < n {
		p.buf = make([]byte, n+n/2)
	}
	p.left -= n
	_, err := io.ReadFull(p.r, p.buf[:n])
	return p.buf[:n], err
}

// list reads the list's own metadata and its items.
func (p *protoReader) list(yield func(meta)) (next string, err error) {
	for {
		number, size, err := p.field()
		if errors.Is(err, io.EOF) {
			return next, nil
		}
		if err != nil {
			return "", err
		}
		value, err := p.bytes(size)
		if err != nil {
			return "", err
		}
		switch number {
		case listMeta:
			err = fields(value, func(n protowire.Number, v []byte) error {
				if n == listContinue {
					next = string(v)
				}
				return nil
			})
		case listItem:
			var m meta
			err = fields(value, func(n protowire.Number, v []byte) error {
				if n == itemMeta {
					return m.objectMeta(v)
				}
				return nil
			})
			yield(m)
		}
		if err != nil {
			return "", err
		}
	}
}

// objectMeta reads an ObjectMeta.
func (m *meta) objectMeta(data []byte) error {
	return fields(data, func(n protowire.Number, v []byte) error {
		switch n {
		case metaName:
			m.name = string(v)
		case metaNamespace:
			m.namespace = string(v)
		case metaLabels:
			return pair(v, func(key, value []byte) {
				if m.labels == nil {
					m.labels = map[string]string{}
				}
				m.labels[string(key)] = string(value)
			})
		case metaAnnotations:
			return pair(v, func(key, value []byte) {
				if string(key) == lastAppliedKey {
					m.lastApplied = lastAppliedVersion(value)
				}
			})
		case metaManagedFields:
			var e fieldsEntry
			err := fields(v, func(n protowire.Number, v []byte) error {
				switch n {
				case entryManager:
					e.manager = string(v)
				case entryAPIVersion:
					e.apiVersion = string(v)
				}
				return nil
			})
			m.fields = append(m.fields, e)
			return err
		}
		return nil
	})
}

// pair reads an entry of a map.
func pair(data []byte, yield func(key, value []byte)) error {
	var key, value []byte
	err := fields(data, func(n protowire.Number, v []byte) error {
		switch n {
		case mapKey:
			key = v
		case mapValue:
			value = v
		}
		return nil
	})
	yield(key, value)
	return err
}

// fields calls yield for the fields of a message that are bytes, and passes over the others.
func fields(data []byte, yield func(protowire.Number, []byte) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, data); n < 0 {
				return protowire.ParseError(n)
			}
			data = data[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := yield(number, value); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
