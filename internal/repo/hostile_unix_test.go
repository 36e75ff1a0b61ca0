//go:build unix

package repo_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func mkfifo(name string) error { return syscall.Mkfifo(name, 0o600) }

// runMeasured runs a program and says how much memory it had at most, in bytes: 0 where there is no /proc. What wait reports does not
// serve: between fork and exec a child has the memory of its parent, which may be the greater.
func runMeasured(c *exec.Cmd) (most int64, err error) {
	if err := c.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	peak := make(chan int64)
	go func() {
		var most int64
		for tick := time.Tick(5 * time.Millisecond); ; {
			most = max(most, highWater(c.Process.Pid))
			select {
			case <-ended:
				peak <- most
				return
			case <-tick:
			}
		}
	}()
	err = c.Wait()
	close(ended)
	return <-peak, err
}

// highWater reads the peak of a program's resident memory: man 5 proc, VmHWM, in kibibytes.
func highWater(pid int) int64 {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		if value, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kib << 10
		}
	}
	return 0
}
