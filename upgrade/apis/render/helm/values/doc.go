// Package values merges the values of charts and chooses their dependencies as Helm does: its own code, copied by gen, without the
// check against JSON Schemas that would make every start of the program slower. A test holds it against Helm itself.
package values

//go:generate go run ./gen
