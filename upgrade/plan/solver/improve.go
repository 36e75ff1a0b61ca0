package solver

import (
	"context"
	"math/rand/v2"
	"slices"
)

// improve takes a few chains out and puts them back in another order under other prices, and keeps what is not worse.
func (b *builder) improve(ctx context.Context, pt part, moves int, r *rand.Rand) {
	base := make(map[int][]float64, len(pt.teams))
	for _, team := range pt.teams {
		base[team] = b.price[team]
		b.price[team] = make([]float64, len(b.price[team]))
	}
	for m := range moves * len(pt.chains) {
		if m%64 == 0 && ctx.Err() != nil {
			break
		}
		scale := 1.5 * r.Float64()
		for team, price := range base {
			for t, v := range price {
				b.price[team][t] = scale * v
			}
		}
		b.move(pt, r)
	}
	for team, price := range base {
		b.price[team] = price
	}
}

func (b *builder) move(pt part, r *rand.Rand) {
	var out []chain
	for range 1 + r.IntN(min(4, len(pt.chains))) {
		if ch := pt.chains[r.IntN(len(pt.chains))]; !slices.ContainsFunc(out, func(o chain) bool { return o[0] == ch[0] }) {
			out = append(out, ch)
		}
	}
	before, kept := 0.0, b.save(out)
	for _, ch := range out {
		before += b.chainCost(ch)
		b.remove(ch)
	}
	after := 0.0
	for _, ch := range out {
		after += b.insert(ch)
	}
	if after > before+1e-9 {
		b.restore(out, kept)
	}
}

// rest leaves chains alone whose work costs more than it saves.
func (b *builder) rest(pt part) {
	for _, ch := range pt.chains {
		worked, kept := b.chainCost(ch), b.save([]chain{ch})
		b.remove(ch)
		for _, i := range ch {
			b.settle(i)
		}
		if b.chainCost(ch) >= worked {
			b.restore([]chain{ch}, kept)
		}
	}
}
