package app

import (
	"io"
	"runtime"
	"sync"
)

// ahead is how many pieces each processor may make before they are written.
const ahead = 4

// WriteOrdered makes n pieces of a text on every processor and writes them in their order. Only a few are held at a time.
func WriteOrdered(w io.Writer, n int, piece func(i int, b []byte) []byte) error {
	workers := min(runtime.GOMAXPROCS(0), max(n, 1))
	made, free := make([]chan []byte, workers), make([]chan []byte, workers)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for k := range workers {
		made[k], free[k] = make(chan []byte, ahead), make(chan []byte, ahead)
		for range ahead {
			free[k] <- nil
		}
		wg.Go(func() {
			for i := k; i < n; i += workers {
				select {
				case b := <-free[k]:
					made[k] <- piece(i, b[:0])
				case <-stop:
					return
				}
			}
		})
	}
	defer wg.Wait()
	defer close(stop)
	for i := range n {
		b := <-made[i%workers]
		if _, err := w.Write(b); err != nil {
			return err
		}
		free[i%workers] <- b
	}
	return nil
}
