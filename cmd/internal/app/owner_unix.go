//go:build unix

package app

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
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

// alive reports whether a process of this machine runs. One that has ended and that nobody waits for is there, and runs no more: the
// first process of many containers waits for none.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // of Linux; its third field, after a name in brackets, is the state
	_, state, ok := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
	return err != nil || !ok || !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
