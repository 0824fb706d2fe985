package local

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// accounts reads who is logged in, the version and the last use.
func (b *builder) accounts() {
	rank := len(accountOrder)
	for i := len(b.layers) - 1; i >= 0; i-- {
		s := b.layers[i]
		for _, pick := range s.row.Accounts {
			for _, n := range b.picked(s, pick.Pointer) {
				v := claim(n, pick.Claim)
				if v == "" {
					continue
				}
				e := s.at(n, cmp.Or(pick.What, "account"))
				if pick.What == "org" || pick.What == "plan" {
					e.Note += ": " + credential.Redact(v)
				}
				b.rec.Evidence = append(b.rec.Evidence, e)
				if r := slices.Index(accountOrder, pick.What); r >= 0 && r < rank {
					rank, b.rec.Account = r, credential.Redact(v)
				}
				if p, ok := accountPerson(v, pick.What, e); ok {
					b.owners = append(b.owners, p)
				}
			}
		}
		for _, pick := range s.row.Versions {
			for _, n := range b.picked(s, pick.Pointer) {
				if v := claim(n, pick.Claim); v != "" && b.rec.Version == "" {
					b.rec.Version = credential.Redact(v)
				}
			}
		}
		for _, pick := range s.row.Used {
			for _, n := range b.picked(s, pick.Pointer) {
				if t := parseTime(n.Text); t.After(b.rec.LastUsed) && !t.After(b.c.now.Add(24*time.Hour)) {
					b.rec.LastUsed = t
				}
			}
		}
	}
	b.status()
}

// accountOrder is which of an account's names is shown first.
var accountOrder = []string{"email", "login", "id"}

const (
	activeFor = 30 * 24 * time.Hour
	idleAfter = 90 * 24 * time.Hour
)

func (b *builder) status() {
	switch age := b.c.now.Sub(b.rec.LastUsed); {
	case b.rec.LastUsed.IsZero() || b.rec.Status != "unknown":
	case age <= activeFor:
		b.rec.Status = "active"
	case age >= idleAfter:
		b.rec.Status = "idle"
	}
}

// picked returns the values of a pattern that concern this assistant.
func (b *builder) picked(s *source, pointer string) []*doc.Node {
	prefix, perProject := projectPart(s.row, pointer)
	if !perProject || b.proj == nil {
		return s.doc.Match(pointer)
	}
	var out []*doc.Node
	for _, n := range s.doc.Match(prefix) {
		if b.c.isProject(b.home, b.proj, n.Key) {
			out = append(out, matchBelow(n, strings.TrimPrefix(pointer, prefix))...)
		}
	}
	return out
}

// claim returns a value, or a claim of the token that it is. A claim inside another is written outer/inner.
func claim(n *doc.Node, name string) string {
	if n.Kind == doc.Object || n.Kind == doc.Array || n.Kind == doc.Null {
		return ""
	}
	if name == "" {
		return strings.TrimSpace(n.Text)
	}
	c, ok := credential.JWT(n.Text)
	if !ok {
		return ""
	}
	if s, ok := c.All[name].(string); ok {
		return s
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if m, ok := c.All[name[:i]].(map[string]any); ok {
			s, _ := m[name[i+1:]].(string)
			return s
		}
	}
	return ""
}
