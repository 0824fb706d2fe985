package giteasim

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (c *call) wireRepo(r *repo) wireRepo {
	full := r.owner.Name + "/" + r.Name
	m := c.s.rightsOf(c.doer, r)
	// The owner is told as to a stranger.
	return wireRepo{
		ID: r.id, Owner: c.wireUserTo(r.owner, nil), Name: r.Name, FullName: full, Empty: r.Empty, Private: !r.Public, Mirror: r.Mirror,
		HTMLURL: c.s.w.Base + "/" + full, URL: c.s.w.Base + prefix + "/repos/" + full, CloneURL: c.s.w.Base + "/" + full + ".git",
		SSHURL: "git@git.example:" + full + ".git", DefaultBranch: r.Branch, Archived: r.Archived, Created: r.Created.UTC(), Updated: r.Created.UTC(),
		Permissions: map[string]bool{"admin": m.mode >= modeAdmin, "push": m.code >= modeWrite, "pull": m.code >= modeRead},
		HasCode:     true, HasPulls: true, HasActions: !r.NoActions, Object: "sha1", Topics: []string{},
	}
}

func (c *call) searchRepos() {
	var seen []*repo
	uid, _ := strconv.ParseInt(c.r.FormValue("uid"), 10, 64)
	for _, r := range c.s.repos {
		if uid != 0 && !c.s.comesTo(uid, r) {
			continue
		}
		if c.s.rightsOf(c.doer, r).any() >= modeRead && (r.Public || !slices.Contains(c.scopes, "public-only")) {
			seen = append(seen, r)
		}
	}
	slices.SortStableFunc(seen, func(a, b *repo) int {
		return cmp.Or(cmp.Compare(a.owner.Name, b.owner.Name), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	list := []wireRepo{}
	for _, r := range page(c, seen, true) {
		list = append(list, c.wireRepo(r))
	}
	c.answer(200, map[string]any{"ok": true, "data": list})
}

// comesTo reports whether a user owns a repository, or is let into it as a collaborator or by a team.
func (s *Sim) comesTo(uid int64, r *repo) bool {
	for _, u := range s.users {
		if u.id != uid {
			continue
		}
		if r.owner == u || r.Collaborators[strings.ToLower(u.Name)] != "" {
			return true
		}
		for _, t := range s.teams {
			if t.org == r.owner && t.has(u) && (t.All || slices.Contains(t.Repos, r.Name)) {
				return true
			}
		}
	}
	return false
}

func (c *call) makeRepo() {
	var in struct {
		Name          string
		Private       bool
		AutoInit      bool   `json:"auto_init"`
		DefaultBranch string `json:"default_branch"`
	}
	if !c.read(&in) {
		return
	}
	r := c.s.addRepo(Repo{Owner: c.target.Name, Name: in.Name, Public: !in.Private, Empty: !in.AutoInit, Branch: in.DefaultBranch, Files: map[string]string{"README.md": "# " + in.Name}})
	c.answer(http.StatusCreated, c.wireRepo(r))
}

func (c *call) deleteRepo() {
	c.s.repos = slices.DeleteFunc(c.s.repos, func(r *repo) bool { return r == c.repo })
	c.done(http.StatusNoContent)
}

// addKey puts a key into a repository. The same public key in two repositories has one key_id.
func (s *Sim) addKey(r *repo, k Key) *key {
	k.Created = cmp.Or(k.Created, s.now())
	n := &key{Key: k, id: s.id("key"), print: fingerprint(k.Key)}
	for _, other := range s.repos {
		for _, o := range other.keys {
			if o.print == n.print {
				n.keyID = o.keyID
			}
		}
	}
	if n.keyID == 0 {
		n.keyID = s.id("public key")
	}
	r.keys = append(r.keys, n)
	return n
}

// fingerprint is that of OpenSSH: SHA256 of the key's bytes.
func fingerprint(line string) string {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// wireKey tells of a key; the repository of it only to an administrator of the instance and the repository's own owner.
func (c *call) wireKey(k *key) wireKey {
	w := wireKey{
		ID: k.id, KeyID: k.keyID, Key: k.Key.Key, Title: k.Title, Fingerprint: k.print, Created: k.Created.UTC(), ReadOnly: k.ReadOnly,
		URL: fmt.Sprintf("%s%s/repos/%s/%s/keys/%d", c.s.w.Base, prefix, c.repo.owner.Name, c.repo.Name, k.id),
	}
	if c.r.Method == http.MethodGet && (c.siteAdmin() || c.doer == c.repo.owner) {
		r := c.wireRepo(c.repo)
		w.Repository = &r
	}
	return w
}

func (r *repo) listed() []*key {
	var out []*key
	for _, k := range r.keys {
		if !k.hidden {
			out = append(out, k)
		}
	}
	return out
}

func (c *call) listKeys() {
	list := []wireKey{}
	for _, k := range page(c, c.repo.listed(), false) {
		list = append(list, c.wireKey(k))
	}
	c.answer(200, list)
}

func (c *call) makeKey() {
	var in struct {
		Title, Key string
		ReadOnly   bool `json:"read_only"`
	}
	if !c.read(&in) {
		return
	}
	if fingerprint(in.Key) == "" {
		c.refuse(http.StatusUnprocessableEntity, "Invalid key content: Unable to verify key content")
		return
	}
	c.answer(http.StatusCreated, c.wireKey(c.s.addKey(c.repo, Key{Title: in.Title, Key: strings.TrimSpace(in.Key), ReadOnly: in.ReadOnly})))
}

func (c *call) getKey() {
	for _, k := range c.repo.listed() {
		if k.id == c.pathID("id") {
			c.answer(200, c.wireKey(k))
			return
		}
	}
	c.notFound("")
}

// deleteKey answers 204 whether the key was there or not.
func (c *call) deleteKey() {
	for _, k := range c.repo.keys {
		if k.id != c.pathID("id") {
			continue
		}
		switch c.lie {
		case LieHides:
			k.hidden = true
		case LieIgnores:
		default:
			c.repo.keys = slices.DeleteFunc(c.repo.keys, func(x *key) bool { return x == k })
		}
		break
	}
	c.done(http.StatusNoContent)
}

func (c *call) listCollaborators() {
	var us []*user
	for _, u := range c.s.users {
		if c.repo.Collaborators[strings.ToLower(u.Name)] != "" {
			us = append(us, u)
		}
	}
	c.answer(200, c.wireUsers(page(c, us, false)))
}

// collaborator finds the user of the path; one who does not exist is 422 here.
func (c *call) collaborator() *user {
	name := c.r.PathValue("name")
	u := c.s.user(name)
	if u == nil {
		c.refuse(http.StatusUnprocessableEntity, fmt.Sprintf("user does not exist [uid: 0, name: %s]", name))
	}
	return u
}

func (c *call) isCollaborator() {
	u := c.collaborator()
	switch {
	case u == nil:
	case c.repo.Collaborators[strings.ToLower(u.Name)] == "":
		c.notFound("")
	default:
		c.done(http.StatusNoContent)
	}
}

func (c *call) putCollaborator() {
	u := c.collaborator()
	in := struct{ Permission string }{"write"}
	if u == nil || !c.read(&in) {
		return
	}
	if u.Inactive {
		c.refuse(http.StatusInternalServerError, "collaborator's account is inactive")
		return
	}
	if m := modes[in.Permission]; m < modeRead || m > modeAdmin {
		in.Permission = "none"
	}
	if c.lie == "" {
		c.repo.Collaborators[strings.ToLower(u.Name)] = in.Permission
	}
	c.done(http.StatusNoContent)
}

// deleteCollaborator answers 204 whether the user was one or not.
func (c *call) deleteCollaborator() {
	if u := c.collaborator(); u != nil {
		if c.lie == "" {
			delete(c.repo.Collaborators, strings.ToLower(u.Name))
		}
		c.done(http.StatusNoContent)
	}
}

// permission tells the access as a whole. What a team grants by units alone is not in it, and the user is told as to a
// stranger.
func (c *call) permission() {
	name := c.r.PathValue("name")
	if !c.siteAdmin() && !strings.EqualFold(c.doer.Name, name) && c.rights().mode < modeAdmin {
		c.refuse(http.StatusForbidden, "Only admins can query all permissions, repo admins can query all repo permissions, collaborators can query only their own")
		return
	}
	u := c.s.user(name)
	if u == nil {
		c.refuse(http.StatusNotFound, fmt.Sprintf("user does not exist [uid: 0, name: %s]", name))
		return
	}
	m := c.s.rightsOf(u, c.repo).mode.String()
	c.answer(200, wirePermission{m, m, c.wireUserTo(u, c.repo.owner)})
}
