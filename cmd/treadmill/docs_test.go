package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

// TestDocs runs every console block of README.md and docs and compares the output, standard output first and then
// standard error. In a block, a line
//
//	$ treadmill ARGS    runs a command (also: $ go run ./cmd/treadmill ARGS), with | head -n N and > FILE as in a shell
//	...                 stands for any lines
//	# exit status N     says the status, when it is not 0
//
// Commands run in a folder that looks like the root of the repository; files that they write are seen by the rest of the
// page and then removed. UPDATE_GOLDEN=1 writes the output into the pages.
func TestDocs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(file string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == ".md" {
			pages = append(pages, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		rel, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(rel, func(t *testing.T) { checkPage(t, root, page) })
	}
}

func checkPage(t *testing.T, root, page string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	var out []string
	here := false
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		if strings.TrimSpace(lines[i]) != "```console" {
			continue
		}
		end := i + 1 + slices.IndexFunc(lines[i+1:], func(s string) bool { return strings.TrimSpace(s) == "```" })
		if end <= i {
			t.Fatalf("%s:%d: the block does not end", page, i+1)
		}
		if !here {
			here = true
			t.Chdir(lookalike(t, root))
		}
		got, err := runBlock(lines[i+1 : end])
		if err != nil {
			t.Errorf("%s:%d: %v", page, i+1, err)
		}
		out = append(out, got...)
		i = end - 1
	}
	if updated := strings.Join(out, "\n"); os.Getenv("UPDATE_GOLDEN") != "" && updated != string(text) {
		if err := os.WriteFile(page, []byte(updated), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// lookalike makes a folder with a link to everything in the root of the repository.
func lookalike(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Symlink(filepath.Join(root, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runBlock runs the commands of a block and returns the block as it should be.
func runBlock(block []string) (out []string, err error) {
	for i := 0; i < len(block); {
		if !strings.HasPrefix(block[i], "$ ") {
			return append(out, block[i:]...), fmt.Errorf("a block begins with a line $ treadmill …, not %q", block[i])
		}
		command := strings.TrimPrefix(block[i], "$ ")
		out = append(out, block[i])
		for i++; strings.HasSuffix(command, `\`) && i < len(block); i++ {
			command = strings.TrimSuffix(command, `\`) + " " + block[i]
			out = append(out, block[i])
		}
		next := i
		for next < len(block) && !strings.HasPrefix(block[next], "$ ") {
			next++
		}
		got, runErr := runLine(command)
		if runErr != nil {
			return append(out, block[i:]...), runErr
		}
		want := block[i:next]
		if !matches(want, got) && err == nil {
			err = fmt.Errorf("$ %s\n%s\nthe page says:\n%s\nUPDATE_GOLDEN=1 accepts the output",
				command, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		out = append(out, merge(want, got)...)
		i = next
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		err = nil
	}
	return out, err
}

// runLine runs one command line and returns the lines it shows.
func runLine(line string) ([]string, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	if len(words) > 2 && slices.Equal(words[:3], []string{"go", "run", "./cmd/treadmill"}) {
		words = append([]string{"treadmill"}, words[3:]...)
	}
	if len(words) == 0 || words[0] != "treadmill" && words[0] != "kubectl-treadmill" {
		return nil, fmt.Errorf("only treadmill can be run, not %q: show other commands in a sh block", line)
	}
	var stdout, stderr bytes.Buffer
	head, file := -1, ""
	if n := len(words); n > 4 && words[n-4] == "|" && words[n-3] == "head" && words[n-2] == "-n" {
		if head, err = strconv.Atoi(words[n-1]); err != nil {
			return nil, err
		}
		words = words[:n-4]
	} else if n > 2 && words[n-2] == ">" {
		file, words = words[n-1], words[:n-2]
	}
	status := cli.Main(context.Background(), app.Env{
		Args: words, Getenv: func(string) string { return "" }, Now: time.Now,
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Open: func(name string) (fs.File, error) { return os.Open(name) },
	})
	if file != "" {
		if err := os.WriteFile(file, stdout.Bytes(), 0o600); err != nil {
			return nil, err
		}
		stdout.Reset()
	}
	shown := textLines(stdout.String())
	if head >= 0 {
		return append(shown[:min(head, len(shown))], textLines(stderr.String())...), nil
	}
	shown = append(shown, textLines(stderr.String())...)
	if status != 0 {
		shown = append(shown, fmt.Sprintf("# exit status %d", status))
	}
	return shown, nil
}

func textLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// split takes a command line apart as a shell does, as far as quotes go.
func split(line string) (words []string, err error) {
	var word strings.Builder
	quote, inWord := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("an open quote in %q", line)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// matches compares lines; a line "..." in what is wanted stands for any number of lines.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for skip := 0; skip <= len(got); skip++ {
			if matches(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && want[0] == got[0] && matches(want[1:], got[1:])
}

// merge is the output with the same lines left out as before.
func merge(want, got []string) []string {
	i := slices.Index(want, "...")
	if matches(want, got) {
		return want
	}
	after := len(want) - i - 1
	if i < 0 || i+after > len(got) {
		return got
	}
	return slices.Concat(got[:i], []string{"..."}, got[len(got)-after:])
}
