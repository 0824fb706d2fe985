package inventory

// intake is what came through a sink.
type intake struct {
	assistants   pile[Assistant]
	owners       pile[Owner]
	secrets      pile[Secret]
	entitlements pile[Entitlement]
	tools        pile[Tool]
	resources    pile[Resource]
	references   pile[Reference]
}

// pile is a list that grows without moving what it holds: records are large, and a list that doubles would leave as much
// behind as it holds.
type pile[T any] struct {
	list []T   // what was asked for before: never written to again
	more [][]T // what came since
	n    int   // in more
}

const (
	firstChunk = 8
	lastChunk  = 4096
)

func (p *pile[T]) add(x T) {
	k := len(p.more) - 1
	if k < 0 || len(p.more[k]) == cap(p.more[k]) {
		size := firstChunk
		if k >= 0 {
			size = min(2*cap(p.more[k]), lastChunk)
		}
		p.more = append(p.more, make([]T, 0, size))
		k++
	}
	p.more[k] = append(p.more[k], x)
	p.n++
}

// all returns everything as one list, which an append cannot spill out of.
func (p *pile[T]) all() []T {
	if p.n > 0 {
		list := make([]T, 0, len(p.list)+p.n)
		list = append(list, p.list...)
		for i, c := range p.more {
			list = append(list, c...)
			p.more[i] = nil
		}
		p.list, p.more, p.n = list, nil, 0
	}
	return p.list
}
