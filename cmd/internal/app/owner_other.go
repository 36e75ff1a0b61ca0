//go:build !unix

package app

import "os"

// keepOwner does nothing where files have no owner of the kind.
func (p place) keepOwner(*os.File) {}

// alive reports whether a process of this machine runs, as far as can be known.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
