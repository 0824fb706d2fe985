// Package gitea is the source that reads a Gitea or a Forgejo: users and bots, their access tokens and OAuth applications,
// deploy keys, collaborators and teams, branch rules, secrets and runners of Actions, and the workflows that run assistants.
// What it can take away stands in the files revoke*.go.
//
// The API has no list of tokens: each user is asked for theirs, which needs HTTP Basic and an administrator of the
// instance. A token that may read less is enough for less; what it may not read is in the ledger with the permission that
// is missing, and unknown. Users of the type bot stand in no list of users; they are found where they are collaborators or
// members of a team.
//
// A collection of U users, O organisations with T teams, and R repositories costs 3 + U/50 + 3U + O/50 + 3O + 2T + R/50 +
// 6R requests, for the API has no wider question: for each user tokens, SSH keys and applications, for each organisation
// teams, secrets and runners, for each team members and (unless it has all) repositories, for each repository
// collaborators, keys, branch rules, secrets, runners and workflows; then one for each workflow file, and one for each
// collaborator who holds something. Servers before 1.24 and Forgejo are asked for each folder of workflows. No more than a
// page of repositories is in memory.
//
// Facts are of Gitea 1.25 (its published API and the answers of a 1.25.5, 2026-11); the tests also pass against a 1.26.4.
// Forgejo has the same interface here; it was not tried.
//
// It is not: a Git client. It reads single files through the API and clones nothing.
package gitea
