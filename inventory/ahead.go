package inventory

import "runtime"

// Two records that are compared lie all over the memory, as do their texts, and waiting for one after the other takes most of
// the time. So something of each of a few records is read before they are compared: such reads do not wait for each other.

const fewAhead = 32 // records that are read ahead

// readAhead reads something of the first records of a list, and then of what that led to.
func readAhead[T any](xs []T, texts, lists func(*T) byte) {
	var sum byte
	xs = xs[:min(len(xs), fewAhead)]
	for i := range xs {
		sum += texts(&xs[i])
	}
	for i := range xs {
		sum += lists(&xs[i])
	}
	runtime.KeepAlive(sum)
}

func begin[T ~string](s T) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func beginAll[T ~string](xs []T) (sum byte) {
	for i := range xs[:min(len(xs), 3)] {
		sum += begin(xs[i])
	}
	return sum
}

func length[T ~string](xs []T) byte {
	if len(xs) == 0 {
		return 0
	}
	return byte(len(xs[0]))
}

func lineOf(es []Evidence) byte {
	if len(es) == 0 {
		return 0
	}
	return byte(es[0].Line)
}

func placeOf(es []Evidence) byte {
	if len(es) == 0 {
		return 0
	}
	return begin(es[0].Path) + begin(es[0].Pointer)
}

func assistantTexts(x *Assistant) byte {
	return begin(x.ID) + begin(x.Path) + begin(x.Host) + begin(x.Account) + lineOf(x.Evidence) + length(x.Secrets) + length(x.Tools) + length(x.Owners)
}

func assistantLists(x *Assistant) byte {
	return placeOf(x.Evidence) + beginAll(x.Secrets) + beginAll(x.Tools) + beginAll(x.Owners)
}

func secretTexts(x *Secret) byte {
	n := begin(x.ID) + begin(x.Fingerprint) + begin(x.Hint) + length(x.Assistants) + length(x.Scopes) + length(x.Aliases)
	if len(x.Locations) > 0 {
		n += byte(x.Locations[0].Line)
	}
	return n
}

func secretLists(x *Secret) byte {
	n := beginAll(x.Assistants) + beginAll(x.Aliases)
	if len(x.Locations) > 0 {
		n += begin(x.Locations[0].Path)
	}
	return n
}

func entitlementTexts(x *Entitlement) byte {
	return begin(x.ID) + begin(x.Assistant) + begin(x.Resource) + begin(x.Via) + lineOf(x.Evidence) + length(x.Path)
}

func entitlementLists(x *Entitlement) byte { return placeOf(x.Evidence) + beginAll(x.Path) }

func toolTexts(x *Tool) byte {
	return begin(x.ID) + begin(x.Assistant) + lineOf(x.Evidence) + length(x.Args) + length(x.EnvNames) + length(x.Secrets)
}

func toolLists(x *Tool) byte {
	return placeOf(x.Evidence) + beginAll(x.Args) + beginAll(x.EnvNames) + beginAll(x.Secrets)
}
