package catalogue

import (
	"embed"
	"errors"
	"slices"
	"sync"
)

//go:embed data
var embedded embed.FS

// Catalogue is everything that is known, indexed. It is not changed after Load and may be used by many goroutines.
type Catalogue struct {
	Assistants      []Assistant // by id
	Servers         []Server    // by id
	CredentialFiles []CredentialFile
	CredentialKinds []CredentialKind // by kind

	assistants map[string]*Assistant
	kinds      map[string]*CredentialKind
	packages   map[string]*Server // lower-case name -> server
	hosts      map[string][]hostRule
	apps       map[string]appOf // host and slug or id
}

// Embedded returns the catalogue that the program carries. It is read once; callers share it and must not change it.
var Embedded = sync.OnceValue(func() *Catalogue {
	b := builder{trusted: true}
	b.layer(embedded, "data", "")
	c, _ := b.finish() // a test of this package holds that the embedded files are sound
	return c
})

// Load returns the embedded catalogue with the entries of the user's own folder added. An entry there takes the place of
// the embedded one with the same id (kind, for a credential kind) as a whole. userDir "" means the embedded entries alone.
//
// The error joins everything that is wrong, one line each: FILE:LINE: KEY: what is wrong; what to do.
func Load(userDir string) (*Catalogue, error) {
	if userDir == "" {
		return Embedded(), nil
	}
	base := Embedded()
	b := builder{out: Catalogue{ // entries are replaced as a whole, never changed: the base stays as it is
		Assistants:      slices.Clone(base.Assistants),
		Servers:         slices.Clone(base.Servers),
		CredentialFiles: slices.Clone(base.CredentialFiles),
		CredentialKinds: slices.Clone(base.CredentialKinds),
	}}
	b.userLayer(userDir)
	return b.finish()
}

// Assistant returns the product with that id, or nil.
func (c *Catalogue) Assistant(id string) *Assistant { return c.assistants[id] }

// Kind returns what is known of a kind of credential, or nil.
func (c *Catalogue) Kind(kind string) *CredentialKind { return c.kinds[kind] }

// index makes the lookups.
func (c *Catalogue) index() {
	c.assistants = make(map[string]*Assistant, len(c.Assistants))
	for i := range c.Assistants {
		c.assistants[c.Assistants[i].ID] = &c.Assistants[i]
	}
	c.kinds = make(map[string]*CredentialKind, len(c.CredentialKinds))
	for i := range c.CredentialKinds {
		c.kinds[c.CredentialKinds[i].Kind] = &c.CredentialKinds[i]
	}
	c.indexServers()
	c.indexApps()
}

// errTooMany ends a list of errors that nobody would read to its end.
var errTooMany = errors.New("and more; mend these first")
