package github

import (
	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/forge"
)

// deployKey is an SSH key of a repository.
type deployKey struct {
	ID       int64   `json:"id"`
	Title    string  `json:"title"`
	Key      string  `json:"key"`
	ReadOnly bool    `json:"read_only"`
	Created  string  `json:"created_at"`
	AddedBy  *string `json:"added_by"`
	Used     *string `json:"last_used"`
	Enabled  *bool   `json:"enabled"`
}

// readKeys reads the deploy keys of a repository that has some: a request for each such repository.
func (r *repository) readKeys() error {
	c := r.c
	if c.src.skips("keys") || c.off["keys"] {
		return nil
	}
	if r.g.Keys != nil && r.g.Keys.TotalCount == 0 {
		return nil
	}
	_, err := pages(c, "keys", "/repos/"+r.full+"/keys", nil, "", func(k deployKey) { r.key(&k) })
	return err
}

func (r *repository) key(k *deployKey) {
	c := r.c
	path := "/repos/" + r.full + "/keys/" + num(k.ID)
	what := "deploy key " + quoted(k.Title) + " of " + r.full
	x := inventory.Secret{
		ID: inventory.NewID(inventory.NounSecret, "github-key", c.src.host, num(k.ID)), Kind: "github-deploy-key", Issuer: "github", Account: r.full,
		Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: inventory.StateLive, LongLived: inventory.Yes, Created: parseTime(k.Created),
		Scopes: []string{"read"}, Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: k.Title}},
	}
	if by := text(k.AddedBy); by != "" {
		x.Owners = owners(c.owner(by, "added the deploy key "+quoted(k.Title)+" to "+r.full, path))
	}
	switch {
	case text(k.Used) != "":
		x.LastUsed = parseTime(*k.Used)
	default:
		x.Used = inventory.No
	}
	if p := credential.SSHPublicFingerprint(k.Key); p != "" {
		x.Clues = []inventory.Clue{{By: inventory.ClueSSH, Text: p}}
	}
	h := &holder{proof: inventory.Evidence{Path: c.url(path), Note: what}, granted: x.Created, by: text(k.AddedBy), used: x.LastUsed, repos: map[int64]bool{r.g.ID: true}}
	h.actor = forge.Actor{Kind: forge.DeployKey, Name: what, As: []forge.Principal{{Kind: forge.ByDeployKey, ID: num(k.ID), Name: k.Title}}, RepoAdminRole: inventory.No,
		CodeOwner: inventory.No, AsksForRuns: inventory.No, Grants: []forge.Grant{{Scope: forge.Contents, Access: forge.Read, Words: "read-only", Certain: true}}}
	if !k.ReadOnly { // a push by key may change workflow files too
		x.Scopes = []string{"write"}
		h.actor.Grants = []forge.Grant{{Scope: forge.Contents, Access: forge.Write, Words: "write access", Certain: true}, {Scope: forge.Workflows, Access: forge.Write, Words: "by SSH", Certain: true}}
	}
	if k.Enabled != nil && !*k.Enabled {
		x.State, h.capped = inventory.StateDisabled, disabledKey
	}
	c.named(h, &x, "", k.Title, path)
	h.secret = c.sink.Secret(x, inventory.Value{})
	if h.rec != nil {
		h.rec.Secrets = []inventory.ID{h.secret}
	}
	r.keys = append(r.keys, h)
}

func disabledKey(rs []forge.Right) []forge.Right {
	out := suspended(rs)
	for i := range out {
		out[i].Path[len(out[i].Path)-1] = "the organisation has switched deploy keys off"
	}
	return out
}

// keyAssistant delivers the assistant that a key's title speaks of.
func (c *collection) keyAssistant(h *holder) {
	if h.rec == nil {
		return
	}
	c.matrix(h, h.rights())
	c.sink.Assistant(*h.rec)
}
