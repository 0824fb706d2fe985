package local

import (
	"path"
	"strings"

	"nhitop/inventory/catalogue"
)

// want is one known place of a project, as the walk looks for it.
type want struct {
	entry       *catalogue.Assistant // nil for a credential file or a pipeline
	file        *catalogue.File      // nil for an instruction file
	cred        *catalogue.CredentialFile
	instruction bool
	pipeline    bool
	pattern     string   // as in the catalogue
	rest        []string // elements after the first; none: the entry itself is the file
}

// names finds known places by their first element. It is not changed once made and may be used by several goroutines.
type names struct {
	exact map[string][]*want
	globs []nameGlob
}

type nameGlob struct {
	pattern        string
	prefix, suffix string // of a pattern with one star and nothing else that is special
	simple         bool
	want           *want
}

// pipelineMarkers are the entries of a folder that say that pipelines are defined there.
var pipelineMarkers = []string{".github", ".gitlab-ci.yml", ".gitlab-ci.yaml", ".gitlab"}

// newNames indexes every project place of the catalogue.
func newNames(c *catalogue.Catalogue) *names {
	n := &names{exact: map[string][]*want{}}
	for i := range c.Assistants {
		a := &c.Assistants[i]
		for j := range a.Files {
			f := &a.Files[j]
			if f.Scope != scopeProject && f.Scope != scopeLocal {
				continue
			}
			for _, p := range f.AllPaths() {
				n.add(p, want{entry: a, file: f})
			}
		}
		for _, p := range a.Instructions {
			n.add(p, want{entry: a, instruction: true})
		}
	}
	for i := range c.CredentialFiles {
		for _, p := range c.CredentialFiles[i].Repo {
			n.add(p, want{cred: &c.CredentialFiles[i]})
		}
	}
	for _, p := range pipelineMarkers {
		n.add(p, want{pipeline: true})
	}
	return n
}

func (n *names) add(place string, w want) {
	parts := strings.Split(strings.TrimPrefix(path.Clean(place), "./"), "/")
	if parts[0] == "" || parts[0] == "." || parts[0] == ".." {
		return
	}
	w.pattern, w.rest = place, parts[1:]
	first := parts[0]
	if !strings.ContainsAny(first, `*?[\`) {
		n.exact[first] = append(n.exact[first], &w)
		return
	}
	g := nameGlob{pattern: first, want: &w}
	if strings.Count(first, "*") == 1 && !strings.ContainsAny(first, `?[\`) {
		g.prefix, g.suffix, _ = strings.Cut(first, "*")
		g.simple = true
	}
	n.globs = append(n.globs, g)
}

// match appends what a name may be. It allocates only when there is something to append.
func (n *names) match(name []byte, to []*want) []*want {
	if ws, ok := n.exact[string(name)]; ok {
		to = append(to, ws...)
	}
	for i := range n.globs {
		g := &n.globs[i]
		if g.matches(name) {
			to = append(to, g.want)
		}
	}
	return to
}

func (g *nameGlob) matches(name []byte) bool {
	if !g.simple {
		ok, err := path.Match(g.pattern, string(name))
		return ok && err == nil
	}
	return len(name) >= len(g.prefix)+len(g.suffix) && string(name[:len(g.prefix)]) == g.prefix &&
		string(name[len(name)-len(g.suffix):]) == g.suffix
}
