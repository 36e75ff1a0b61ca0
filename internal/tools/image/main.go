// Command image makes the container image of Treadmill without a daemon, and pushes it.
//
//	image build -out DIR -version V -commit C -created TIME linux/amd64=FILE linux/arm64=FILE
//	image push -from DIR [-insecure] REGISTRY/NAME:TAG
//
// The image has no distribution below it: the binary, certificates of authorities, the names of two users and a folder for temporary
// files. It runs as a user without rights. Same binaries and same time, same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("want build or push")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "build":
		out, created := flags.String("out", "", "folder of the OCI layout"), flags.String("created", "", "time of the sources, RFC 3339")
		about := about{}
		flags.StringVar(&about.version, "version", "devel", "version of the sources")
		flags.StringVar(&about.commit, "commit", "", "commit of the sources")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		var err error
		if about.created, err = time.Parse(time.RFC3339, *created); err != nil {
			return fmt.Errorf("-created: %w", err)
		}
		return build(*out, about, flags.Args())
	case "push":
		from, insecure := flags.String("from", "", "folder of the OCI layout"), flags.Bool("insecure", false, "push by plain HTTP")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if flags.NArg() != 1 {
			return errors.New("want one name to push to")
		}
		return push(*from, flags.Arg(0), *insecure)
	}
	return fmt.Errorf("%q is neither build nor push", args[0])
}

// build writes an OCI layout with one image a platform=file, and says how large each is.
func build(out string, a about, platforms []string) error {
	index, sizes, err := makeIndex(a, platforms)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if _, err := layout.Write(out, index); err != nil {
		return err
	}
	for i, p := range platforms {
		platform, _, _ := strings.Cut(p, "=")
		fmt.Printf("%s: %.1f MiB compressed\n", platform, float64(sizes[i])/(1<<20))
	}
	return nil
}

func push(from, to string, insecure bool) error {
	index, err := layout.ImageIndexFromPath(from)
	if err != nil {
		return err
	}
	var options []name.Option
	if insecure {
		options = append(options, name.Insecure)
	}
	ref, err := name.ParseReference(to, options...)
	if err != nil {
		return err
	}
	return remote.WriteIndex(ref, index, remote.WithAuthFromKeychain(keychain()))
}
