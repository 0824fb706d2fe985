package githubsim

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

var repoFields = map[string]field{
	"id":                  of(func(_ *graph, r *repo) any { return nodeID("R", r.ID) }),
	"databaseId":          of(func(_ *graph, r *repo) any { return r.ID }),
	"name":                of(func(_ *graph, r *repo) any { return r.Name }),
	"nameWithOwner":       of(func(_ *graph, r *repo) any { return r.full }),
	"description":         of(func(_ *graph, r *repo) any { return text(r.Description) }),
	"url":                 of(func(g *graph, r *repo) any { return g.web + "/" + r.full }),
	"visibility":          of(func(_ *graph, r *repo) any { return strings.ToUpper(r.Visibility) }),
	"isPrivate":           of(func(_ *graph, r *repo) any { return r.Visibility != "public" }),
	"isArchived":          of(func(_ *graph, r *repo) any { return r.Archived }),
	"isDisabled":          of(func(_ *graph, _ *repo) any { return false }),
	"isFork":              of(func(_ *graph, r *repo) any { return r.Fork }),
	"isEmpty":             of(func(_ *graph, r *repo) any { return len(r.Files) == 0 }),
	"createdAt":           of(func(_ *graph, r *repo) any { return when(r.Created) }),
	"updatedAt":           of(func(_ *graph, r *repo) any { return when(r.Pushed) }),
	"pushedAt":            of(func(_ *graph, r *repo) any { return when(r.Pushed) }),
	"owner":               of(func(_ *graph, r *repo) any { return gobj{"Organization", r.org} }),
	"defaultBranchRef":    of(func(_ *graph, r *repo) any { return gobj{"Ref", ref{r, r.DefaultBranch}} }),
	"viewerPermission":    of(func(g *graph, r *repo) any { return g.viewerPermission(r) }),
	"viewerCanAdminister": of(func(g *graph, r *repo) any { return g.who.kind != AppToken && g.reach(r) == roleAdmin }),
	"branchProtectionRules": guarded("administration:read", roleAdmin, func(_ *graph, r *repo) conn {
		rules := r.rules()
		return conn{n: len(rules), at: func(i int) gobj { return gobj{"BranchProtectionRule", rules[i]} }}
	}),
	"deployKeys": guarded("administration:read", roleAdmin, func(_ *graph, r *repo) conn {
		return conn{n: len(r.Keys), at: func(i int) gobj { return gobj{"DeployKey", &r.Keys[i]} }}
	}),
	"environments": guarded("actions:read", roleRead, func(_ *graph, r *repo) conn {
		return conn{n: len(r.Environments), at: func(i int) gobj { return gobj{"Environment", placedEnvironment{&r.Environments[i], r.org}} }}
	}),
	"rulesets": fieldArgs(func(g *graph, r *repo, args map[string]any) (any, error) {
		parents, given := args["includeParents"].(bool)
		return rulesetConn(g, rulesetsOf(r, parents || !given)), nil
	}),
	"collaborators": fieldArgs(func(g *graph, r *repo, args map[string]any) (any, error) {
		if g.who.kind != AppToken && g.reach(r) < roleWrite {
			return nil, &gerr{kind: "FORBIDDEN", message: "You do not have permission to view repository collaborators."}
		}
		return collaboratorConn(g, r, args), nil
	}),
	"object": fieldArgs((*graph).fileObject),
}

// guarded makes a connection that an app or a fine-grained token is refused without the permission, and a person without
// the role gets empty: who sees no rule has not seen that there is none.
func guarded(perm string, least role, f func(g *graph, r *repo) conn) field {
	return of2(func(g *graph, r *repo) (any, error) {
		switch {
		case r.Visibility == "public" && least <= roleRead:
		case !g.classic() && !g.permitsIn(r, perm):
			return nil, &gerr{kind: "FORBIDDEN", message: g.inaccessible(), fatal: true}
		case g.who.kind != AppToken && g.reach(r) < least:
			return conn{}, nil
		}
		return f(g, r), nil
	})
}

func of2[T any](f func(g *graph, v T) (any, error)) field {
	return func(g *graph, v any, _ map[string]any) (any, error) { return f(g, v.(T)) }
}

// permitsIn asks for a permission in a repository.
func (g *graph) permitsIn(r *repo, perm string) bool {
	org, repo := g.org, g.repo
	defer func() { g.org, g.repo = org, repo }()
	g.org, g.repo = r.org, r
	return g.permits(perm)
}

func collaboratorConn(g *graph, r *repo, args map[string]any) conn {
	names := slices.Sorted(maps.Keys(r.Collaborators))
	if a, _ := args["affiliation"].(string); a != "DIRECT" && a != "OUTSIDE" {
		for _, m := range r.org.Members {
			if r.roleOf(m.Login) > roleNone && !slices.Contains(names, m.Login) {
				names = append(names, m.Login)
			}
		}
		slices.Sort(names)
	}
	return conn{n: len(names), at: func(i int) gobj { return gobj{"User", g.st.addUser(User{Login: names[i]})} },
		edge: func(i int) obj { return obj{"permission": strings.ToUpper(roleNames[r.roleOf(names[i])])} }}
}

// ref is a branch.
type ref struct {
	repo *repo
	name string
}

var refFields = map[string]field{
	"id":     of(func(_ *graph, r ref) any { return nodeID("REF", r.repo.ID) + r.name }),
	"name":   of(func(_ *graph, r ref) any { return r.name }),
	"prefix": of(func(_ *graph, _ ref) any { return "refs/heads/" }),
	"branchProtectionRule": of(func(g *graph, r ref) any {
		if p := r.repo.protection(r.name); p != nil && g.reach(r.repo) == roleAdmin {
			for _, x := range r.repo.rules() {
				if x.Protection == p {
					return gobj{"BranchProtectionRule", x}
				}
			}
		}
		return nil
	}),
}

func (g *graph) viewerPermission(r *repo) any {
	if g.who.kind == AppToken {
		return nil
	}
	return text(strings.ToUpper(strings.TrimPrefix(roleNames[g.reach(r)], "none")))
}

// file is a file or a folder of the default branch.
type file struct {
	repo *repo
	path string
}

// fileObject finds "HEAD:path" or "branch:path".
func (g *graph) fileObject(r *repo, args map[string]any) (any, error) {
	expression, _ := args["expression"].(string)
	branch, path, found := strings.Cut(expression, ":")
	if !found || branch != "HEAD" && !slices.Contains(r.branches(), strings.TrimPrefix(branch, "refs/heads/")) {
		return nil, nil
	}
	if r.Visibility != "public" && !g.classic() && !g.permitsIn(r, "contents:read") {
		return nil, &gerr{kind: "FORBIDDEN", message: g.inaccessible()}
	}
	path = strings.Trim(path, "/")
	return fileAt(r, path), nil
}

func fileAt(r *repo, path string) any {
	if _, isFile := r.Files[path]; isFile {
		return gobj{"Blob", file{r, path}}
	}
	if r.folder(path) != nil {
		return gobj{"Tree", file{r, path}}
	}
	return nil
}

func (f file) oid() string {
	if body, isFile := f.repo.Files[f.path]; isFile {
		return oid("blob", body)
	}
	return oid("tree", f.repo.full+"/"+f.path)
}

// mostText is above what GraphQL shows of a blob's text.
const mostText = 512_000

var blobFields = map[string]field{
	"id":          of(func(_ *graph, f file) any { return "B_" + f.oid() }),
	"oid":         of(func(_ *graph, f file) any { return f.oid() }),
	"byteSize":    of(func(_ *graph, f file) any { return len(f.repo.Files[f.path]) }),
	"isBinary":    of(func(_ *graph, f file) any { return !utf8.ValidString(f.repo.Files[f.path]) }),
	"isTruncated": of(func(_ *graph, f file) any { return len(f.repo.Files[f.path]) > mostText }),
	"text": of(func(_ *graph, f file) any {
		body := f.repo.Files[f.path]
		if !utf8.ValidString(body) {
			return nil
		}
		return body[:min(len(body), mostText)]
	}),
}

var treeFields = map[string]field{
	"id":  of(func(_ *graph, f file) any { return "T_" + f.oid() }),
	"oid": of(func(_ *graph, f file) any { return f.oid() }),
	"entries": of(func(_ *graph, f file) any {
		out := []gobj{}
		for _, e := range f.repo.folder(f.path) {
			out = append(out, gobj{"TreeEntry", file{f.repo, e.path}})
		}
		return out
	}),
}

var treeEntryFields = map[string]field{
	"name":   of(func(_ *graph, f file) any { return f.path[strings.LastIndex(f.path, "/")+1:] }),
	"path":   of(func(_ *graph, f file) any { return f.path }),
	"oid":    of(func(_ *graph, f file) any { return f.oid() }),
	"size":   of(func(_ *graph, f file) any { return len(f.repo.Files[f.path]) }),
	"object": of(func(_ *graph, f file) any { return fileAt(f.repo, f.path) }),
	"type": of(func(_ *graph, f file) any {
		if _, isFile := f.repo.Files[f.path]; isFile {
			return "blob"
		}
		return "tree"
	}),
	"mode": of(func(_ *graph, f file) any {
		if _, isFile := f.repo.Files[f.path]; isFile {
			return 0o100644
		}
		return 0o40000
	}),
}

var keyFields = map[string]field{
	"id":        of(func(_ *graph, k *DeployKey) any { return nodeID("DK", k.ID) }),
	"title":     of(func(_ *graph, k *DeployKey) any { return k.Title }),
	"key":       of(func(_ *graph, k *DeployKey) any { return k.Key }),
	"readOnly":  of(func(_ *graph, k *DeployKey) any { return k.ReadOnly }),
	"verified":  of(func(_ *graph, _ *DeployKey) any { return true }),
	"enabled":   of(func(_ *graph, k *DeployKey) any { return !k.Disabled }),
	"createdAt": of(func(_ *graph, k *DeployKey) any { return when(k.Created) }),
}
