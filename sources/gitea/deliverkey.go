package gitea

import (
	"cmp"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// deliverKey delivers a deploy key with what it opens.
func (c *collection) deliverKey(d *deployKey) {
	id := d.secret.ID
	if p := productOf(c.s.cat, d.title, false); p != nil {
		at := d.secret.Locations[0].Path
		h := c.holder(p, &account{userAnswer: userAnswer{Login: d.repo}}, "deploy key "+credential.Redact(d.title), "a deploy key is called after it", at)
		h.rec.Account = ""
		h.rec.Secrets = []inventory.ID{id}
		h.answers = append(h.answers, forge.Matrix(forge.Rights(d.tally.Worst()), c.complete()))
		d.secret.Assistants = []inventory.ID{h.rec.ID}
		c.finish(h)
	}
	for _, w := range d.tally.Worst() {
		e := c.entitlement(string(id), w.Capability, w.Level, w.Gate, w.Certain, c.resource(w.Repo), d.secret.Locations[0].Path)
		e.Path = w.Path
		c.sink.Entitlement(e)
	}
	c.sink.Secret(d.secret, inventory.Value{})
}

// deliverUserKey delivers an SSH key of an account with what it opens. Who has the other half of it finds this record again
// by the fingerprint.
func (c *collection) deliverUserKey(a *account, k publicKeyAnswer, of *holder) {
	at := c.api.URL(httpx.Path("/admin/users/%s/keys/%s", a.Login, itoa(k.ID)))
	name := "SSH key " + credential.Redact(k.Title)
	last, never := used(k.Created, k.LastUsed)
	x := inventory.Secret{
		ID:   inventory.NewID(inventory.NounSecret, "ssh-user-key", c.s.host, cmp.Or(k.Fingerprint, itoa(k.ID))),
		Kind: "ssh-user-key", Issuer: Kind, Account: a.Login, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: tokenState(a), LongLived: inventory.Yes,
		Created: k.Created, LastUsed: last, Note: name, Locations: []inventory.Location{{Path: at, Scope: inventory.ScopeProvider, Note: name + " of " + a.Login}},
	}
	if k.Fingerprint != "" {
		x.Clues = []inventory.Clue{{By: inventory.ClueSSH, Text: k.Fingerprint}}
	}
	if never {
		x.Note += ", never used"
	}
	if a.owner != "" {
		x.Owners = []inventory.ID{a.owner}
	}
	worst := a.tally(byKey).Worst()
	for _, w := range worst {
		e := c.entitlement(string(x.ID), w.Capability, w.Level, w.Gate, w.Certain, c.resource(w.Repo), at)
		e.Path = append([]string{name + " of " + a.Login}, w.Path[1:]...)
		c.sink.Entitlement(e)
	}
	h := of
	if h == nil {
		if p := productOf(c.s.cat, k.Title, false); p != nil {
			h = c.holder(p, a, name, "an SSH key is called after it", at)
			h.rec.Owners, h.rec.Status = x.Owners, statusOf(x)
		}
	}
	if h != nil {
		h.rec.Secrets = append(h.rec.Secrets, x.ID)
		h.answers = append(h.answers, forge.Matrix(forge.Rights(worst), c.complete()))
		x.Assistants = []inventory.ID{h.rec.ID}
	}
	c.sink.Secret(x, inventory.Value{})
	if h != nil && h != of {
		c.finish(h)
	}
}

// signedIn is when an account signed in last. Gitea tells the beginning of 1970 of one that never did.
func signedIn(at time.Time) time.Time {
	if at.Unix() <= 0 {
		return time.Time{}
	}
	return at
}
