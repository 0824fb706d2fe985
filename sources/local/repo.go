package local

import (
	"context"

	"nhitop/inventory"
	"nhitop/sources/internal/gitrepo"
)

// repo is a folder below a scanned path that is a Git work tree or holds pipeline definitions.
type repo struct {
	Root  string        // absolute, as reached from the scanned path
	Shown string        // as it is written in evidence
	Git   *gitrepo.Repo // nil where there is no .git
}

// repoVisitor reads facts of one repository. It is called for one repository at a time, in order of their paths.
type repoVisitor func(ctx context.Context, r repo, sink inventory.Sink)
