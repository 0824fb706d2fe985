package inventory

import (
	"cmp"
	"slices"
)

// Records are large and their texts lie all over the memory. To order a list, each record gets a number that decides most
// comparisons; small pairs of number and place are sorted, then each record is moved once.

// ref is a record's place and the number that orders it: a smaller number is always before a greater one, equal numbers
// leave it to the comparison of the records.
type ref struct {
	key uint64
	at  uint32
}

// arrange sorts a list. keys makes the numbers; it is not asked where the list is in order already.
func arrange[T any](xs []T, compare func(a, b *T) int, keys func([]T) []ref) {
	sorted := true
	for i := 1; i < len(xs) && sorted; i++ {
		sorted = compare(&xs[i-1], &xs[i]) <= 0
	}
	if sorted {
		return
	}
	refs := keys(xs)
	slices.SortFunc(refs, func(a, b ref) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Or(compare(&xs[a.at], &xs[b.at]), cmp.Compare(a.at, b.at))
	})
	move(xs, refs)
}

// move puts to each place the record that refs names for it, circle by circle.
func move[T any](xs []T, refs []ref) {
	for i := range refs {
		if refs[i].at == uint32(i) {
			continue
		}
		first, to := xs[i], i
		for {
			from := int(refs[to].at)
			refs[to].at = uint32(to)
			if from == i {
				xs[to] = first
				break
			}
			xs[to] = xs[from]
			to = from
		}
	}
}

// byText numbers records by the start of a text, what all of them begin with left out.
func byText[T any](field func(*T) string) func([]T) []ref {
	return func(xs []T) []ref {
		skip := common(xs, field)
		refs := make([]ref, len(xs))
		for i := range xs {
			refs[i] = ref{start(field(&xs[i]), skip), uint32(i)}
		}
		return refs
	}
}

// byWord numbers records by a word of which there are few, and below that by the start of a text.
func byWord[T any](word, field func(*T) string) func([]T) []ref {
	return func(xs []T) []ref {
		ranks := rank(xs, word)
		if len(ranks) > 1<<16 {
			return byText(word)(xs)
		}
		skip := common(xs, field)
		refs := make([]ref, len(xs))
		for i := range xs {
			refs[i] = ref{ranks[word(&xs[i])]<<48 | start(field(&xs[i]), skip)>>16, uint32(i)}
		}
		return refs
	}
}

// rank numbers the words that occur, in their order.
func rank[T any](xs []T, word func(*T) string) map[string]uint64 {
	ranks := map[string]uint64{}
	for i := range xs {
		ranks[word(&xs[i])] = 0
		if len(ranks) > 1<<16 {
			return ranks
		}
	}
	for i, w := range SortedKeys(ranks) {
		ranks[w] = uint64(i)
	}
	return ranks
}

// common is the length of what all texts begin with.
func common[T any](xs []T, field func(*T) string) int {
	if len(xs) == 0 {
		return 0
	}
	first := field(&xs[0])
	n := len(first)
	for i := range xs {
		s := field(&xs[i])
		n = min(n, len(s))
		for s[:n] != first[:n] {
			n--
		}
	}
	return n
}

// start is the number of the eight bytes after skip.
func start(s string, skip int) uint64 {
	var n uint64
	for i := skip; i < skip+8; i++ {
		n <<= 8
		if i < len(s) {
			n |= uint64(s[i])
		}
	}
	return n
}

// byUrgency numbers findings as they are ordered: decision, then score from above, then rule.
func byUrgency(xs []Finding) []ref {
	const middle, most = 1 << 20, 1<<24 - 1
	ranks := rank(xs, func(f *Finding) string { return f.Rule })
	refs := make([]ref, len(xs))
	for i := range xs {
		f := &xs[i]
		score := min(max(middle-f.Score, 0), most)
		key := uint64(f.Decision.Rank())<<56 | uint64(score)<<32
		if len(ranks) <= 1<<16 && score > 0 && score < most { // at the ends several scores share a number
			key |= ranks[f.Rule] << 8
		}
		refs[i] = ref{key, uint32(i)}
	}
	return refs
}

func compareAssistants(a, b *Assistant) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
}

func compareOwners(a, b *Owner) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

func compareSecrets(a, b *Secret) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(firstPath(a), firstPath(b)), cmp.Compare(a.ID, b.ID))
}

func compareEntitlements(a, b *Entitlement) int {
	return cmp.Or(cmp.Compare(a.Assistant, b.Assistant), cmp.Compare(a.Capability, b.Capability), cmp.Compare(a.ID, b.ID))
}

func compareTools(a, b *Tool) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Assistant, b.Assistant), cmp.Compare(a.ID, b.ID))
}

func compareResources(a, b *Resource) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

func compareReferences(a, b *Reference) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.ID, b.ID))
}

func compareSources(a, b *SourceStatus) int { return cmp.Compare(a.Name, b.Name) }

func bySourceName(xs []SourceStatus) []ref {
	return byText(func(x *SourceStatus) string { return x.Name })(xs)
}

func compareFindings(a, b *Finding) int {
	return cmp.Or(cmp.Compare(a.Decision.Rank(), b.Decision.Rank()), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
}

func firstPath(s *Secret) string {
	if len(s.Locations) == 0 {
		return ""
	}
	return s.Locations[0].Path
}
