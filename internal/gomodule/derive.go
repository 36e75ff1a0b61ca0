package gomodule

import (
	"flag"
	"fmt"
	"os"
)

// Derive is the main function of a generator: it fetches the modules of a list and writes what is derived of them, into
// the file that the flag -out names. It ends the process when that fails.
func Derive(list, file string, derive func([]Module) ([]byte, error)) {
	out := flag.String("out", file, "file to write")
	flag.Parse()
	modules, err := Download(list)
	var text []byte
	if err == nil {
		text, err = derive(modules)
	}
	if err == nil {
		err = os.WriteFile(*out, text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
