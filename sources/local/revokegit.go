package local

import (
	"path/filepath"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/gitrepo"
)

// inGit says where Git has a file; nil where it does not track it, or that cannot be told. git is not run.
func (b *planning) inGit(path string) *revoke.InGit {
	tree := b.tree(filepath.Dir(path))
	if tree == nil {
		return nil
	}
	rel := relSlash(tree.Root(), path)
	if tree.Tracked(rel) != inventory.Yes {
		return nil
	}
	return &revoke.InGit{Root: tree.Root(), File: rel}
}

// tree is the work tree that a folder lies in.
func (b *planning) tree(dir string) *gitrepo.Repo {
	if r, ok := b.trees[dir]; ok {
		return r
	}
	r, ok := gitrepo.Open(dir, gitrepo.Within(b.dirs...))
	if up := filepath.Dir(dir); !ok && up != dir {
		r = b.tree(up)
	}
	if b.trees == nil {
		b.trees = map[string]*gitrepo.Repo{}
	}
	b.trees[dir] = r
	return r
}
