package githubsim

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

var contentRoutes = []route{
	{pattern: "GET /repos/{owner}/{repo}/contents/{path...}", do: (*call).contents, need: need{perm: "contents:read", open: true}},
}

// entry is a file or a folder in a folder.
type entry struct {
	name string
	path string
	dir  bool
}

// folder lists what stands in a folder, in order; nil if there is no such folder.
func (r *repo) folder(dir string) []entry {
	if dir != "" {
		dir += "/"
	}
	var out []entry
	i, _ := slices.BinarySearch(r.files, dir)
	for ; i < len(r.files) && strings.HasPrefix(r.files[i], dir); i++ {
		name, _, more := strings.Cut(r.files[i][len(dir):], "/")
		if len(out) == 0 || out[len(out)-1].name != name {
			out = append(out, entry{name, dir + name, more})
		}
	}
	return out
}

func (c *call) contents() answer {
	p := strings.Trim(c.r.PathValue("path"), "/")
	if ref := strings.TrimPrefix(c.query.Get("ref"), "refs/heads/"); ref != "" && !slices.Contains(c.repo.branches(), ref) {
		return *c.refuse(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	accept := c.r.Header.Get("Accept")
	if body, isFile := c.repo.Files[p]; isFile {
		if strings.Contains(accept, ".raw") {
			a := answer{status: http.StatusOK, bytes: []byte(body)}
			return a.with("Content-Type", "application/vnd.github.raw+json; charset=utf-8")
		}
		o := c.entry(entry{p[strings.LastIndex(p, "/")+1:], p, false}, body)
		o["encoding"], o["content"] = "base64", wrap64(body)
		return ok(o)
	}
	list := c.repo.folder(p)
	if list == nil {
		return *c.notFound()
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		out = append(out, c.entry(e, c.repo.Files[e.path]))
	}
	return ok(out)
}

func (c *call) entry(e entry, body string) obj {
	kind, sha := "file", oid("blob", body)
	if e.dir {
		kind, sha = "dir", oid("tree", c.repo.full+"/"+e.path)
	}
	self := c.repoURL(c.repo) + "/contents/" + e.path + "?ref=" + c.repo.DefaultBranch
	git := c.repoURL(c.repo) + "/git/blobs/" + sha
	page := c.web + "/" + c.repo.full + "/blob/" + c.repo.DefaultBranch + "/" + e.path
	return obj{"type": kind, "size": len(body), "name": e.name, "path": e.path, "sha": sha, "url": self, "git_url": git, "html_url": page, "download_url": nil,
		"_links": obj{"self": self, "git": git, "html": page}}
}

// wrap64 is Base64 in lines of 60, as the API breaks it.
func wrap64(body string) string {
	text := base64.StdEncoding.EncodeToString([]byte(body))
	var b strings.Builder
	for len(text) > 0 {
		n := min(60, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}
