// Docgen writes the documentation of the command line from the command tree, and schemas of files that users write.
//
//	docgen -markdown docs/cli    one page a command; pages of commands that are gone are removed
//	docgen -man DIR              manual pages, for packages
//	docgen -schema docs/schema   JSON Schemas of support dates, of add-ons and of what commands write; upgrade/fleet/gen writes that of fleets
//	docgen -tables FILE          dates and sizes of the embedded tables, for "treadmill version"
//	docgen -findings docs/findings   findings.md beside the folder, and one page a finding in it
//	docgen -plot docs/performance.md   plan-growth.svg beside the page, from its table of planning times
//
// The output depends on the tree alone: no date, no version, no width of a terminal.
package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

func main() { os.Exit(run()) }

func run() int {
	markdown := flag.String("markdown", "", "write one Markdown page a command to this folder")
	man := flag.String("man", "", "write manual pages to this folder")
	schema := flag.String("schema", "", "write the JSON Schemas of support dates and add-ons to this folder")
	tables := flag.String("tables", "", "write the dates and sizes of the embedded tables to this file")
	findings := flag.String("findings", "", "write one page a finding to this folder, and their index beside it")
	plot := flag.String("plot", "", "draw the table of planning times of this page beside it")
	flag.Parse()
	if *markdown == "" && *man == "" && *schema == "" && *tables == "" && *findings == "" && *plot == "" {
		flag.Usage()
		return 2
	}
	tree, a := cli.Tree(nowhere())
	var err error
	if *markdown != "" {
		err = writePages(*markdown, "*.md", markdownPages(tree))
	}
	if err == nil && *man != "" {
		err = writePages(*man, "*.1", manPages(tree))
	}
	if err == nil && *schema != "" {
		err = writeSchemas(*schema)
		if err == nil {
			err = writePages(filepath.Join(*schema, "out"), "*.json", shapePages(tree, a, "."))
		}
	}
	if err == nil && *tables != "" {
		err = writeTables(*tables)
	}
	if err == nil && *findings != "" {
		err = writeFindings(*findings)
	}
	if err == nil && *plot != "" {
		err = writePlot(*plot)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		return 1
	}
	return 0
}

// nowhere is an environment in which nothing is to be found: the tree is read, and not run.
func nowhere() app.Env {
	return app.Env{
		Args: []string{"treadmill"}, Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Time{} },
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Open: func(string) (fs.File, error) { return nil, fs.ErrNotExist },
	}
}
