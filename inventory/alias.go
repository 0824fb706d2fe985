package inventory

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
)

// ClueBy says what a [Clue] is.
type ClueBy string

// The clues. Forms as their providers give them (checked 2026-11-27 against the facts of GitHub, npm and verdaccio):
// GitHub's audit log names a token by the SHA-256 of its text, npm lists the SHA-512, verdaccio the MD5; GitHub and Gitea
// list the last eight characters; verdaccio lists the first and the last five of a token; a deploy key is public, so that its fingerprint is known to everybody.
const (
	ClueSHA256 ClueBy = "sha256" // of the whole value, lower-case hex
	ClueSHA512 ClueBy = "sha512" // the same
	ClueMD5    ClueBy = "md5"    // the same
	ClueTail8  ClueBy = "tail8"  // its last eight characters
	ClueEnds5  ClueBy = "ends5"  // its first five characters and its last five, together
	ClueSSH    ClueBy = "ssh"    // the fingerprint of the public key: SHA256:...
	ClueKeyID  ClueBy = "key-id" // an id that is no secret and stands beside it: an AWS access key id
)

// ClueWords says a clue in words.
func ClueWords(by ClueBy) string {
	switch by {
	case ClueSHA256, ClueSHA512, ClueMD5:
		return "a hash of the whole value"
	case ClueTail8:
		return "its last eight characters, issuer and dates"
	case ClueEnds5:
		return "its first and last five characters, issuer and dates"
	case ClueSSH:
		return "the fingerprint of the key"
	case ClueKeyID:
		return "the id of the key"
	}
	return string(by)
}

// Clue tells a secret again without its value. It is given by a source that does not hold the value; the [Sink] turns it
// into one of the secret's Aliases.
type Clue struct {
	By   ClueBy
	Text string
}

// minTail is the length from which the last eight characters of a secret leave enough of it unknown.
const minTail = 20

// AliasBy returns what a secret's alias was made of.
func AliasBy(alias string) ClueBy {
	by, _, _ := strings.Cut(alias, ":")
	return ClueBy(by)
}

// aliaser makes aliases. It is used again, so that a secret costs few allocations.
type aliaser struct {
	mac  hash.Hash
	in   []byte // what the mac reads
	sum  []byte
	out  []byte // the aliases, one after the other
	ends []int
}

func newAliaser(k Key) *aliaser { return &aliaser{mac: hmac.New(sha256.New, k[:])} }

// add appends the alias of a clue, keyed so that nobody without the key can try values against it.
func (a *aliaser) add(by ClueBy, text []byte) {
	a.mac.Reset()
	a.in = append(append(append(append(a.in[:0], "alias\x00"...), by...), 0), text...)
	_, _ = a.mac.Write(a.in)
	clear(a.in) // it may hold the end of a value
	a.sum = a.mac.Sum(a.sum[:0])
	a.out = append(append(a.out, by...), ':')
	a.out = idAlphabet.AppendEncode(a.out, a.sum[:10])
	a.ends = append(a.ends, len(a.out))
}

// ofValue appends the aliases that a value gives by itself.
func (a *aliaser) ofValue(text string) {
	b := []byte(text)
	var digits [2 * sha512.Size]byte
	s2, s5, m5 := sha256.Sum256(b), sha512.Sum512(b), md5.Sum(b) // a registry's own ids of a token; nothing is protected by them
	a.add(ClueSHA256, hex.AppendEncode(digits[:0], s2[:]))
	a.add(ClueSHA512, hex.AppendEncode(digits[:0], s5[:]))
	a.add(ClueMD5, hex.AppendEncode(digits[:0], m5[:]))
	if len(b) >= minTail {
		a.add(ClueTail8, b[len(b)-8:])
		ends := append(append(digits[:0], b[:5]...), b[len(b)-5:]...)
		a.add(ClueEnds5, ends)
		clear(ends)
	}
	clear(b)
}

// Fits reports whether a clue is one of this value.
func (c Clue) Fits(v Value) bool {
	if c.Text == "" || v.IsZero() {
		return false
	}
	var all, one aliaser
	all.mac, one.mac = hmac.New(sha256.New, nil), hmac.New(sha256.New, nil)
	all.ofValue(v.get().text)
	one.add(c.By, []byte(c.Text))
	return slices.Contains(all.take(nil), one.take(nil)[0])
}

// take appends what was made to a list, in one piece of memory, and begins anew.
func (a *aliaser) take(list []string) []string {
	all, from := string(a.out), 0
	for _, end := range a.ends {
		list = append(list, all[from:end])
		from = end
	}
	a.out, a.ends = a.out[:0], a.ends[:0]
	return list
}

// Aliases returns the aliases that a value gives by itself, those under which the [Sink] files it, in order.
func (k Key) Aliases(v Value) []string {
	if v.IsZero() {
		return nil
	}
	a := newAliaser(k)
	a.ofValue(v.get().text)
	list := a.take(nil)
	slices.Sort(list)
	return list
}

// aliases turns the clues about a secret, and those of its value, into aliases.
func (d *door) aliases(x *Secret, v Value) {
	if v.IsZero() && len(x.Clues) == 0 {
		return
	}
	a, ok := d.aliasers.Get().(*aliaser)
	if !ok {
		a = newAliaser(d.key)
	}
	defer d.aliasers.Put(a)
	if !v.IsZero() {
		a.ofValue(v.get().text)
	}
	for _, c := range x.Clues {
		if c.Text != "" {
			a.add(c.By, []byte(c.Text))
		}
	}
	list := a.take(make([]string, 0, len(a.ends)+len(x.Aliases)))
	list = append(list, x.Aliases...)
	slices.Sort(list)
	x.Aliases, x.Clues = slices.Compact(list), nil
}
