package setup

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/windows"
)

// answers describe one cluster.
type answers struct {
	provider, name, environment, team string
	version                           app.Minor
}

// questions asks for what flags did not say. Without any flag it asks for all.
type questions struct {
	in    io.Reader
	out   io.Writer
	table windows.Table
	now   windows.Day
	lines *bufio.Scanner
}

// errEnd says that there are no more answers.
var errEnd = errors.New("no answer")

// cluster is the cluster that flags and answers describe. What is wrong in a flag is a mistake in the command line; a wrong answer is asked
// for again.
func (q *questions) cluster(said answers) (inventory.Cluster, error) {
	quiet := said.provider != "" && said.version != app.Minor{}
	c := inventory.Cluster{}
	check := func(flag, question string, value *string, set func(string) error) error {
		if *value != "" {
			if err := set(*value); err != nil {
				return app.Usage("--%s: %w", flag, err)
			}
			return nil
		}
		return q.ask(question, "", set)
	}
	err := check("provider", "Provider ("+app.JoinWords(q.names())+")", &said.provider, func(text string) (err error) {
		c.Provider, err = q.provider(text)
		return err
	})
	if err == nil {
		version := ""
		if said.version != (app.Minor{}) {
			version = said.version.String()
		}
		err = check("kubernetes", "Kubernetes version ("+q.supported(c.Provider)+")", &version, func(text string) (err error) {
			c.Version, err = q.version(c.Provider, text)
			return err
		})
	}
	if errors.Is(err, errEnd) {
		return c, app.Usage(
			"which cluster? Name --provider and --kubernetes, or contexts of the kubeconfig by --context, or answer the questions",
		)
	}
	if err != nil {
		return c, err
	}
	c.Environment = q.rest("Environment", said.environment, "prod", quiet)
	c.Name = q.rest("Name of the cluster", said.name, c.Environment, quiet)
	c.Team = q.rest("Team that upgrades it (may stay empty)", said.team, "", quiet)
	c.Context = c.Name
	return c, nil
}

// rest is what a flag says, or an answer, or the default.
func (q *questions) rest(question, said, otherwise string, quiet bool) string {
	if said != "" || quiet {
		return cmp.Or(said, otherwise)
	}
	out := otherwise
	_ = q.ask(question, otherwise, func(text string) error { out = text; return nil }) // no more answers: the default
	return out
}

// ask puts a question until the answer is taken. An empty answer is the default, where there is one.
func (q *questions) ask(question, otherwise string, set func(string) error) error {
	if q.lines == nil {
		q.lines = bufio.NewScanner(q.in)
	}
	hint := ""
	if otherwise != "" {
		hint = " [" + otherwise + "]"
	}
	for {
		fmt.Fprintf(q.out, "%s%s: ", question, hint)
		if !q.lines.Scan() {
			fmt.Fprintln(q.out)
			if err := q.lines.Err(); err != nil {
				return fmt.Errorf("read the answers: %w", err)
			}
			return errEnd
		}
		text := cmp.Or(strings.TrimSpace(q.lines.Text()), otherwise)
		if text == "" {
			if strings.Contains(question, "may stay empty") {
				return nil
			}
			continue
		}
		err := set(text)
		if err == nil {
			return nil
		}
		fmt.Fprintf(q.out, "%v\n", err)
	}
}

func (q *questions) names() []string { return q.table.Names() }

func (q *questions) provider(text string) (string, error) {
	p, ok := q.table.Provider(text)
	if !ok {
		return "", fmt.Errorf("there is no provider %q; %s", text, yamlx.DidYouMean(text, q.names(), "want one of "+app.JoinWords(q.names())))
	}
	return p.Name, nil
}

func (q *questions) version(provider, text string) (upgrade.Minor, error) {
	m, err := upgrade.ParseMinor(text)
	if err != nil {
		return m, err
	}
	w, known := q.table.Window(provider, m)
	if _, older := q.table.Older(provider, m); older {
		return m, nil
	}
	if !known || w.State(q.now) == windows.Coming {
		return m, fmt.Errorf("%s does not have %s yet; it supports %s", provider, m, q.supported(provider))
	}
	return m, nil
}

// supported is the oldest and the newest version that a provider supports, for a question.
func (q *questions) supported(provider string) string {
	var first, last string
	for _, w := range q.table.Windows(provider) {
		if s := w.State(q.now); s == windows.InStandard || s == windows.InExtended {
			first, last = cmp.Or(first, w.Minor.String()), w.Minor.String()
		}
	}
	return first + " to " + last
}
