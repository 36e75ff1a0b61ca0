//go:build unix

package app

import (
	"errors"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and group of the one that it replaces, as far as this user may.
func (p place) keepOwner(f *os.File) {
	if p.old == nil {
		return
	}
	if stat, ok := p.old.Sys().(*syscall.Stat_t); ok {
		if f.Chown(int(stat.Uid), int(stat.Gid)) != nil {
			_ = f.Chown(-1, int(stat.Gid)) // the group alone, of which this user may be
		}
	}
}

// alive reports whether a process of this machine runs.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
