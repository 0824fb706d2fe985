package giteasim

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// complete fills what the server sets in a rule, and makes lists that are not there empty ones, but for the checks: those
// stay null.
func (s *Sim) complete(p *Protection, at int) {
	now := s.now()
	if p.Created.IsZero() {
		p.Created, p.Updated = now, now
	}
	if p.Priority == 0 {
		p.Priority = int64(at + 1)
	}
	if !strings.ContainsAny(p.RuleName, "*?[{") {
		p.BranchName = p.RuleName
	}
	for _, l := range []*[]string{&p.PushUsers, &p.PushTeams, &p.ForceUsers, &p.ForceTeams, &p.MergeUsers, &p.MergeTeams, &p.ApprovalsUsers, &p.ApprovalsTeams} {
		if *l == nil {
			*l = []string{}
		}
	}
}

// listProtections tells all rules at once: this list has no pages and no total.
func (c *call) listProtections() {
	list := []Protection{}
	for _, p := range c.repo.Protections {
		list = append(list, c.readable(p))
	}
	c.answer(200, list)
}

// readable leaves out of the white lists those who can no longer read the repository, as Gitea does.
func (c *call) readable(p Protection) Protection {
	for _, l := range []*[]string{&p.PushUsers, &p.ForceUsers, &p.MergeUsers, &p.ApprovalsUsers} {
		*l = slices.DeleteFunc(slices.Clone(*l), func(n string) bool {
			u := c.s.user(n)
			return u == nil || c.s.rightsOf(u, c.repo).any() < modeRead
		})
		if *l == nil {
			*l = []string{}
		}
	}
	return p
}

func (c *call) makeProtection() {
	var p Protection
	if !c.read(&p) {
		return
	}
	if p.RuleName == "" {
		p.RuleName = p.BranchName
	}
	c.s.complete(&p, len(c.repo.Protections))
	c.repo.Protections = append(c.repo.Protections, p)
	c.answer(http.StatusCreated, c.readable(p))
}

func blobSHA(text string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(text), text)))
	return hex.EncodeToString(sum[:])
}

// contents tells a file with its text, or what is in a folder without.
func (c *call) contents() {
	at := strings.Trim(path.Clean("/"+c.r.PathValue("path")), "/")
	if c.repo.Empty {
		c.notFound("", fmt.Sprintf("object does not exist [id: %s, rel_path: ]", c.repo.Branch))
		return
	}
	if ref := c.r.FormValue("ref"); ref != "" && ref != c.repo.Branch {
		c.notFound("GetContentsOrList", fmt.Sprintf("object does not exist [id: %s, rel_path: ]", ref))
		return
	}
	if text, ok := c.repo.Files[at]; ok {
		w := c.wireContent(at, "file", text)
		encoding, body := "base64", base64.StdEncoding.EncodeToString([]byte(text))
		w.Encoding, w.Content = &encoding, &body
		c.answer(200, w)
		return
	}
	var names []string
	kinds := map[string]string{}
	for p := range c.repo.Files {
		rest, ok := strings.CutPrefix(p, at+"/")
		if at == "" {
			rest, ok = p, true
		}
		if !ok {
			continue
		}
		name, _, deeper := strings.Cut(rest, "/")
		if kinds[name] == "" {
			names = append(names, name)
		}
		kinds[name] = "file"
		if deeper {
			kinds[name] = "dir"
		}
	}
	if len(names) == 0 {
		top, _, _ := strings.Cut(at, "/")
		c.notFound("GetContentsOrList", fmt.Sprintf("object does not exist [id: , rel_path: %s]", top))
		return
	}
	slices.Sort(names)
	list := []wireContent{}
	for _, n := range names {
		p := path.Join(at, n)
		list = append(list, c.wireContent(p, kinds[n], c.repo.Files[p]))
	}
	c.answer(200, list)
}

func (c *call) wireContent(p, kind, text string) wireContent {
	full := c.repo.owner.Name + "/" + c.repo.Name
	sha := blobSHA(text)
	api := c.s.w.Base + prefix + "/repos/" + full
	self, page, git, raw := api+"/contents/"+p+"?ref="+c.repo.Branch, c.s.w.Base+"/"+full+"/src/branch/"+c.repo.Branch+"/"+p, api+"/git/blobs/"+sha, c.s.w.Base+"/"+full+"/raw/branch/"+c.repo.Branch+"/"+p
	return wireContent{
		Name: path.Base(p), Path: p, SHA: sha, Type: kind, Size: int64(len(text)), URL: &self, HTMLURL: &page, GitURL: &git, Download: &raw,
		Links: map[string]string{"self": self, "git": git, "html": page},
	}
}

func (c *call) makeFile() {
	var in struct{ Content, Message, Branch string }
	if !c.read(&in) {
		return
	}
	text, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil {
		c.refuse(http.StatusUnprocessableEntity, "illegal base64 data")
		return
	}
	p := c.r.PathValue("path")
	if _, ok := c.repo.Files[p]; ok {
		c.refuse(http.StatusUnprocessableEntity, fmt.Sprintf("repository file already exists [path: %s]", p))
		return
	}
	c.repo.Files[p], c.repo.Empty = string(text), false
	c.answer(http.StatusCreated, map[string]any{"content": c.wireContent(p, "file", string(text))})
}

func (c *call) raw() {
	text, ok := c.repo.Files[c.r.PathValue("path")]
	switch ref := c.r.FormValue("ref"); {
	case c.repo.Empty:
		c.notFound("repository is empty")
	case ref != "" && ref != c.repo.Branch:
		c.notFound("unable to find a git ref")
	case !ok:
		c.notFound("")
	default:
		h := c.w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Etag", `"`+blobSHA(text)+`"`)
		if c.r.Header.Get("If-None-Match") == h.Get("Etag") {
			c.done(http.StatusNotModified)
			return
		}
		_, _ = c.w.Write([]byte(text))
	}
}
