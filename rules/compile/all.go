package compile

import (
	"runtime"
	"sync"

	"treadmill/slo"
)

// All compiles many SLOs at once and gives their results in the order of the SLOs.
func All(slos []slo.SLO, o Options) []Result {
	out := make([]Result, len(slos))
	var wg sync.WaitGroup
	for part := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := part; i < len(slos); i += runtime.GOMAXPROCS(0) {
				out[i] = Compile(slos[i], o)
			}
		})
	}
	wg.Wait()
	return out
}
