package app

import (
	"regexp"
	"strings"

	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/report"
)

// Origin is where a page of this run comes from: the command as it was given, the program, and the tables of data with their dates.
func (a *App) Origin() report.Origin {
	out := report.Origin{Program: "Treadmill " + build.Read().Version, Command: a.Name()}
	for _, arg := range a.Env.Args[1:] {
		out.Command += " " + ShellWord(WithoutUser(arg))
	}
	if f := a.facts; f.root != nil && f.Bundle == nil {
		out.Data = []string{"data of " + a.DataFile}
		return out
	} else if f.Bundle != nil {
		out.Data = []string{"data of " + f.Bundle.Manifest.Created}
		return out
	}
	tables, err := build.Tables()
	if err != nil {
		return out
	}
	for _, t := range tables {
		out.Data = append(out.Data, t.Name+" of "+t.Date)
	}
	return out
}

// WithoutUser is an argument without the name and password of a URL, which stay out of pages.
func WithoutUser(arg string) string {
	return regexp.MustCompile(`//[^/\s]*@`).ReplaceAllString(arg, "//...@")
}

// ShellWord is an argument as a shell takes it.
func ShellWord(arg string) string {
	if arg == "" || strings.ContainsAny(arg, " \t\n'\"$`\\*?[](){}<>|&;#~!") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}
