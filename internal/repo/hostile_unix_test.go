//go:build unix

package repo_test

import (
	"os"
	"runtime"
	"syscall"
)

func mkfifo(name string) error { return syscall.Mkfifo(name, 0o600) }

// peak is how much memory a program had at most, in bytes.
func peak(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}
