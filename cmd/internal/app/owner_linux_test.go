package app

import (
	"os/exec"
	"testing"
	"time"
)

// TestAliveZombie: a process that has ended is dead, though nobody waits for it.
func TestAliveZombie(t *testing.T) {
	c := exec.Command("sleep", "3600")
	if err := c.Start(); err != nil {
		t.Skip(err)
	}
	if !alive(c.Process.Pid) {
		t.Error("a process that runs counts as dead")
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for alive(c.Process.Pid) { // until the system has ended it; go test bounds it
		time.Sleep(time.Millisecond)
	}
	_ = c.Wait()
}
