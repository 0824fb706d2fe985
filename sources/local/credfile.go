package local

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/people"
)

// takeCredentials reads one credential file and delivers what it holds. The secrets are tied to no assistant yet.
func (c *collection) takeCredentials(row *catalogue.CredentialFile, s *source, within roots) []inherited {
	if !row.Opened() {
		got := locate(s.path, within)
		c.look(s.path, cmp.Or(got.State, inventory.LookedNotOpened), "", cmp.Or(got.Reason, row.Reason, "a "+row.Format+" store is not opened"), 0)
		return nil
	}
	got, ok := c.read(s.path, within, "")
	if !ok {
		return nil
	}
	s.mode, s.real, s.shown, s.data = got.Mode, got.Real, c.show(s.path), got.Data
	if len(strings.TrimSpace(string(trimBOM(got.Data)))) == 0 {
		c.look(s.path, inventory.LookedRead, "", "empty", 0)
		return nil
	}
	found, err := ReadCredentialFile(row, filepath.Base(s.path), got.Data)
	out := c.deliverCredentials(row, s, found)
	if err == nil {
		c.look(s.path, inventory.LookedRead, "", "", 0)
		return out
	}
	line, reason := 0, "not understood"
	var de *doc.Error
	if errors.As(err, &de) {
		line, reason = de.Line, "not understood: "+de.Msg
	}
	c.look(s.path, inventory.LookedUnparsed, "", reason, line)
	c.log.warn(inventory.Warning{Path: s.shown, Line: line, Text: reason})
	x := &scan{c: c, src: s, ambient: true}
	for _, p := range x.run() {
		if !slices.ContainsFunc(out, func(have inherited) bool { return have.id == p.id }) {
			out = append(out, inherited{id: p.id, kind: p.kind, tie: inventory.Secret{ID: p.id, Kind: p.kind, Ambient: true},
				proof: inventory.Evidence{Path: s.shown, Line: p.line}})
		}
	}
	return out
}

// deliverCredentials hands over what a credential file says: secrets, references and accounts.
func (c *collection) deliverCredentials(row *catalogue.CredentialFile, s *source, found []Found) []inherited {
	var out []inherited
	for _, f := range found {
		at := f.Secret.Locations[0]
		proof := inventory.Evidence{Path: s.shown, Pointer: doc.SafePointer(at.Pointer), Line: at.Line, Note: row.Name}
		switch {
		case f.Ref != nil:
			c.sink.Reference(inventory.Reference{Kind: f.Ref.Kind, Text: f.Ref.Text, Path: s.shown, Pointer: proof.Pointer, Line: at.Line})
		case f.Identity != nil:
			c.identity(row, s, f.Identity, proof)
		default:
			out = append(out, c.credential(row, s, f, proof))
		}
	}
	return out
}

// credential delivers one secret of a credential file.
func (c *collection) credential(row *catalogue.CredentialFile, s *source, f Found, proof inventory.Evidence) inherited {
	sec, at := f.Secret, f.Secret.Locations[0]
	tidy(&sec)
	loc := s.location()
	loc.Pointer, loc.Line, loc.Form, loc.Note = proof.Pointer, at.Line, at.Form, at.Note
	sec.Locations = []inventory.Location{loc}
	sec.Ambient = true
	sec.Kind = cmp.Or(sec.Kind, row.Kind, "generic-api-key")
	sec.Storage, sec.Exposure = cmp.Or(sec.Storage, inventory.StoragePlaintext), s.exposure()
	sec.State = inventory.StateUnknown
	if !sec.Expires.IsZero() && sec.Expires.Before(c.now) {
		sec.State = inventory.StateExpired
	}
	if k := c.cat.Kind(sec.Kind); k != nil {
		sec.Broad, sec.Issuer = sec.Broad || k.Broad, cmp.Or(sec.Issuer, k.Issuer)
	}
	if f.Value.IsZero() {
		sec.ID = inventory.NewID(inventory.NounSecret, "file", c.hostOf(s.home), s.shown, proof.Pointer)
	}
	id := c.sink.Secret(sec, f.Value)
	tie := sec
	tie.ID = id
	return inherited{
		id: id, kind: sec.Kind, account: sec.Account, proof: proof, tie: tie,
		closed: sec.Storage == inventory.StorageEncrypted || sec.State == inventory.StateExpired,
	}
}

func (c *collection) hostOf(h *home) string {
	if h == nil {
		return ""
	}
	return h.machine.host
}

// resourceKinds are what the accounts of credential files are accounts of.
var resourceKinds = map[string]string{
	"aws-account": "cloud-account", "gcp-account": "cloud-account", "azure-account": "cloud-account",
	"kubernetes-user": "cluster", "ssh-host": "host", "registry-user": "registry",
}

// identity delivers an account that a credential file names without holding its secret: what can be reached, and whom
// an address belongs to.
func (c *collection) identity(row *catalogue.CredentialFile, s *source, id *Identity, proof inventory.Evidence) {
	proof.Note = strings.Join(slices.DeleteFunc([]string{id.Kind, id.Role, id.Note}, func(x string) bool { return x == "" }), ", ")
	var parts []string
	for _, p := range []string{id.Account, id.Email, id.Project, id.Host} {
		parts = add(parts, p)
	}
	kind := cmp.Or(resourceKinds[id.Kind], row.Resource)
	if kind != "" && len(parts) > 0 {
		res := inventory.Resource{
			ID: inventory.NewID(inventory.NounResource, kind, strings.Join(parts, " ")), Kind: kind, Name: strings.Join(parts, " "),
			Environment: environmentOf(parts...), EnvironmentAssumed: environmentOf(parts...) != "", Evidence: []inventory.Evidence{proof},
		}
		c.sink.Resource(res)
	}
	if s.home == nil || s.repo {
		return
	}
	if p, ok := people.New(cmp.Or(id.Email, id.Account), "", "a login in "+row.Name, proof); ok && p.Email != "" && p.Kind == people.Human {
		s.home.people = append(s.home.people, p)
	}
}
