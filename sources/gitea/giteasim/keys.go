package giteasim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (s *Sim) addPublicKey(u *user, k Key) *key {
	k.Created = cmp.Or(k.Created, s.now())
	n := &key{Key: k, id: s.id("public key"), print: fingerprint(k.Key)}
	u.keys = append(u.keys, n)
	return n
}

// wirePublicKey tells of an SSH key; whose it is, to the user and to administrators of the instance.
func (c *call) wirePublicKey(u *user, k *key) wirePublicKey {
	w := wirePublicKey{
		ID: k.id, Key: k.Key.Key, Title: k.Title, Fingerprint: k.print, Created: k.Created.UTC(), LastUsed: k.Created.UTC(), URL: fmt.Sprintf("%s%s/user/keys/%d", c.s.w.Base, prefix, k.id),
	}
	if c.siteAdmin() || c.doer == u {
		who := c.wireUser(u)
		w.User, w.KeyType = &who, "user"
	}
	return w
}

func (c *call) listPublicKeys() {
	list := []wirePublicKey{}
	for _, k := range page(c, c.target.keys, false) {
		list = append(list, c.wirePublicKey(c.target, k))
	}
	c.answer(200, list)
}

func (c *call) makePublicKey() {
	var in struct{ Title, Key string }
	if !c.read(&in) {
		return
	}
	if fingerprint(in.Key) == "" {
		c.refuse(http.StatusUnprocessableEntity, "Invalid key content: Unable to verify key content")
		return
	}
	c.answer(http.StatusCreated, c.wirePublicKey(c.target, c.s.addPublicKey(c.target, Key{Title: in.Title, Key: strings.TrimSpace(in.Key)})))
}

// deletePublicKey takes a key of the user of the path, or of one's own. A second deletion is 404.
func (c *call) deletePublicKey() {
	u := c.target
	if u == nil {
		u = c.doer
	}
	id := c.pathID("id")
	if !slices.ContainsFunc(u.keys, func(k *key) bool { return k.id == id }) {
		c.notFound("")
		return
	}
	if c.lie == "" {
		u.keys = slices.DeleteFunc(u.keys, func(k *key) bool { return k.id == id })
	}
	c.done(http.StatusNoContent)
}
