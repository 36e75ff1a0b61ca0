package kube

import (
	"encoding/json"
	"fmt"
	"io"
)

// jsonList reads a list in JSON, with one item in memory at a time, and returns the token that continues the list.
func jsonList[T any](body io.Reader, yield func(T)) (next string, err error) {
	d := json.NewDecoder(body)
	if err := delim(d, '{'); err != nil {
		return "", broken(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", broken(err)
		}
		switch key {
		case "metadata":
			var m struct {
				Continue string `json:"continue"`
			}
			err = d.Decode(&m)
			next = m.Continue
		case "items":
			err = jsonItems(d, yield)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return "", broken(err)
		}
	}
	if err := delim(d, '}'); err != nil {
		return "", broken(err)
	}
	return next, nil
}

// jsonItems reads the items of a list; null stands for none.
func jsonItems[T any](d *json.Decoder, yield func(T)) error {
	start, err := d.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return fmt.Errorf("items are no list")
	}
	for d.More() {
		var item T
		if err := d.Decode(&item); err != nil {
			return err
		}
		yield(item)
	}
	return delim(d, ']')
}

func delim(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		return fmt.Errorf("%v instead of %v", got, want)
	}
	return err
}
