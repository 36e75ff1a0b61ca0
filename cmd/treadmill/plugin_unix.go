//go:build unix

package main

import (
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// ownGroup makes a program the head of a group of processes, which end with it. One that may ask at the terminal stays in the group
// that the terminal listens to.
func ownGroup(cmd *exec.Cmd) {
	if term.IsTerminal(0) {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
