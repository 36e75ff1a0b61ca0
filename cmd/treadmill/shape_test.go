package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// checkSchema holds the JSON that a command line wrote against the published schema of its command, in which no field may be missing.
func checkSchema(dir string, args []string, text []byte) error {
	var words []string
	for _, a := range args[1:] {
		if words = append(words, a); fileExists(filepath.Join(dir, strings.Join(words, "-")+".json")) {
			break
		}
	}
	name := strings.Join(words, "-") + ".json"
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("%v: no schema is published: %w", args, err)
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return err
	}
	if definitions, ok := doc.(map[string]any)["$defs"].(map[string]any); ok {
		for _, d := range definitions {
			d.(map[string]any)["additionalProperties"] = false // what is published lets later versions add fields
		}
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, doc); err != nil {
		return err
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		return fmt.Errorf("%v is not as %s says: %w", args, name, err)
	}
	return nil
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// checked is the program as the scripts run it: JSON that is not as its schema says ends it with status 99.
func checked() {
	args := os.Args
	i := slices.IndexFunc(args, func(a string) bool { return a == "-o" || a == "--output" })
	schemas := os.Getenv("SCHEMAS")
	if schemas == "" || !slices.Contains(args, "-ojson") && (i < 0 || i+1 >= len(args) || args[i+1] != "json") {
		main()
		return
	}
	stdout := os.Stdout
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdout = write
	text := make(chan []byte)
	go func() { all, _ := io.ReadAll(read); text <- all }() // a pipe that is closed does not fail
	status := run()
	_ = write.Close()
	all := <-text
	_, _ = stdout.Write(all)
	if len(all) > 0 {
		if err := checkSchema(schemas, args, all); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 99
		}
	}
	os.Exit(status)
}
