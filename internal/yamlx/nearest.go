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
// fewer than half of the word, or the shortest one that begins with it, or the longest one of four bytes and more that it begins with.
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
	if best == "" { // a word that was written out, such as production
		for _, n := range names {
			if len(n) >= 4 && len(n) > len(best) && strings.HasPrefix(word, n) {
				best = n
			}
		}
	}
	return best
}

// edits is how many bytes are put in, left out, changed, or swapped with the next one between two words (the distance of Damerau and
// Levenshtein, of which no byte is edited twice).
func edits(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, next[j]+1, row[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
