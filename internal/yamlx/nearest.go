package yamlx

import (
	"fmt"
	"strings"
)

// DidYouMean asks whether the nearest of the names was meant, or says something else where none is near.
func DidYouMean(word string, names []string, otherwise string) string {
	if near := Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}

// Nearest returns the name that a mistyped word most likely means, "" when none is near: at most two edits away and
// fewer than half of the word, or the shortest one that begins with it.
func Nearest(word string, names []string) string {
	best, bestAt := "", min(3, (len(word)+1)/2+1)
	for _, n := range names {
		if e := edits(word, n); e < bestAt {
			best, bestAt = n, e
		}
	}
	if best == "" && len(word) >= 3 { // a word that was cut short, such as env
		for _, n := range names {
			if strings.HasPrefix(n, word) && (best == "" || len(n) < len(best)) {
				best = n
			}
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
