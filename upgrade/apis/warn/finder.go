package warn

import "bytes"

// finder looks for many words in one pass over a text, which is quicker than one pass for each.
type finder struct {
	begins [1 << 10]uint64 // a bit for each pair of bytes that a word begins with
	words  map[uint16][][]byte
}

func pair(text []byte) uint16 { return uint16(text[0])<<8 | uint16(text[1]) }

// add takes a word of two bytes or more.
func (f *finder) add(word string) {
	if f.words == nil {
		f.words = map[uint16][][]byte{}
	}
	p := pair([]byte(word))
	f.begins[p>>6] |= 1 << (p & 63)
	f.words[p] = append(f.words[p], []byte(word))
}

// in reports whether a text has one of the words.
func (f *finder) in(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		p := pair(text[i:])
		if f.begins[p>>6]&(1<<(p&63)) == 0 {
			continue
		}
		for _, w := range f.words[p] {
			if bytes.HasPrefix(text[i:], w) {
				return true
			}
		}
	}
	return false
}
