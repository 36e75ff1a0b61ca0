package strict

// Nearest returns the name that a mistyped word most likely means, "" when none is near: at most two edits away and
// fewer than half of the word.
func Nearest(word string, names []string) string {
	best, bestAt := "", min(3, (len(word)+1)/2+1)
	for _, n := range names {
		if e := edits(word, n); e < bestAt {
			best, bestAt = n, e
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
