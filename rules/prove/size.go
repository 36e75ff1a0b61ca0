package prove

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// UsualNodes is how many nodes the world has where it is not told how many.
const UsualNodes = 6

// ReadAt is Read for a world of so many nodes.
func ReadAt(sources []Source, files []rules.File, nodes int) ([]Scenario, []diag.Finding) {
	r := &reader{parser: rules.NewParser(), jobs: map[string]string{}, asked: askedJobs(files), nodes: nodes}
	return r.read(sources), r.findings
}

// Below says what ought to come of a scenario where the world has fewer nodes: a third of three is one, and the only node is all of them.
type Below struct {
	Pos    diag.Position
	Nodes  int            `yaml:"nodes,required"`
	Expect Expectation    `yaml:"expect,required"`
	Within model.Duration `yaml:"within"`
}

// size sets what ought to come of a scenario in the world that it plays in: what the least of the numbers above its nodes says.
func (r *reader) size(s *Scenario) {
	least := 0
	for _, b := range s.Below {
		if b.Nodes < 2 {
			r.fail(b.Pos, "%s: below: nodes: want a number above 1: there is no cluster of fewer", s.Name)
		}
		if r.nodes < b.Nodes && (least == 0 || b.Nodes < least) {
			least, s.Expect, s.Within = b.Nodes, b.Expect, b.Within
		}
	}
}

var placeholder = regexp.MustCompile(`\{(node|new|nodes):(\d{1,4})(?:/(\d{1,4}))?\}`)

// sized puts the numbers of nodes into a text: {node:5} is the fifth of them, or another one where there are fewer, {new:1} the first
// that was not there before, and {nodes:1/3} a third of them, as alternatives of a regular expression.
func (r *reader) sized(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(word string) string {
		m := placeholder.FindStringSubmatch(word)
		n, _ := strconv.Atoi(m[2]) // digits
		of, _ := strconv.Atoi(m[3])
		switch {
		case m[1] == "node" && n > 0 && of == 0:
			return strconv.Itoa((n-1)%r.nodes + 1)
		case m[1] == "new" && n > 0 && of == 0:
			return strconv.Itoa(r.nodes + n)
		case m[1] == "nodes" && n > 0 && n <= of:
			numbers := make([]string, (r.nodes*n+of-1)/of)
			for i := range numbers {
				numbers[i] = strconv.Itoa(i + 1)
			}
			return strings.Join(numbers, "|")
		}
		return word // which no selector takes, so that it is told
	})
}
