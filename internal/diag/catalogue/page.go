package catalogue

import (
	"fmt"
	"strings"
)

// Page is the entry as a page in Markdown.
func (e Entry) Page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# `%s`\n\n%s\nSeverity: %s.\n\n## Why it matters\n\n%s\n## How to fix it\n\n%s\n## How to accept it\n\n%s\n",
		e.ID, page(e.Sentence()), e.Severity, page(e.Why), page(e.Fix), page(e.Accept))
	b.WriteString("## An input that shows it\n\n")
	if e.Run == "" {
		b.WriteString(page("No file shows it. It takes " + e.Elsewhere + "."))
		return b.String()
	}
	for _, name := range e.Names() {
		fmt.Fprintf(&b, "`%s`:\n\n```%s\n%s```\n\n", name, language(name), ended(e.Files[name]))
	}
	fmt.Fprintf(&b, "```sh\n%s\n```\n", strings.Join(e.Commands(), "\n"))
	if len(e.With) > 0 {
		fmt.Fprintf(&b, "\nIt comes with `%s`.\n", strings.Join(e.With, "`, `"))
	}
	return b.String()
}

// Text is the entry for a terminal.
func (e Entry) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n%s\n", e.ID, e.Severity, screen(e.Sentence()))
	for _, part := range [][2]string{{"Why it matters", e.Why}, {"How to fix it", e.Fix}, {"How to accept it", e.Accept}} {
		fmt.Fprintf(&b, "%s\n%s\n", part[0], screen(part[1]))
	}
	b.WriteString("An input that shows it\n")
	if e.Run == "" {
		b.WriteString(screen("No file shows it. It takes " + e.Elsewhere + "."))
		return b.String()
	}
	for _, name := range e.Names() {
		fmt.Fprintf(&b, "  %s:\n", name)
		for line := range strings.Lines(ended(e.Files[name])) {
			b.WriteString("    " + line)
		}
	}
	for _, c := range e.Commands() {
		b.WriteString("  $ " + c + "\n")
	}
	return b.String()
}

// Commands are those that show the finding, in their order.
func (e Entry) Commands() []string {
	if e.Run == "" {
		return nil
	}
	var out []string
	for _, c := range append(e.Before[:len(e.Before):len(e.Before)], e.Run) {
		out = append(out, "treadmill "+c)
	}
	return out
}

func ended(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }

func language(file string) string {
	for _, known := range []string{"yaml", "json"} {
		if strings.HasSuffix(file, "."+known) {
			return known
		}
	}
	return "text"
}

// page and screen break a text into lines as a source file and a terminal have them.
func page(text string) string   { return wrap(text, "", 130) }
func screen(text string) string { return wrap(text, "  ", 100) }

func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != indent {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
	return b.String()
}

// Index is the list of all findings in Markdown, with a link to the page of each; folder is where the pages are.
func Index(sections []Section, folder string) string {
	var b strings.Builder
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n| id | severity | means |\n| --- | --- | --- |\n", s.Title)
		for _, e := range s.Findings {
			fmt.Fprintf(&b, "| [`%s`](%s/%s.md) | %s | %s |\n", e.ID, folder, e.ID, e.Severity, e.Means)
		}
	}
	return b.String()
}
