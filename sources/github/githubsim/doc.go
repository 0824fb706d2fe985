// Package githubsim is a GitHub that runs in the process: a stateful simulator of the parts of its REST and GraphQL APIs
// that the source github and the demo use, as an [http.Handler] made from plain data ([World]).
//
// What is simulated: organisations with members, teams, outside collaborators and repositories; apps, their installations,
// their JWT and the tokens that they mint; fine-grained tokens with their grants and requests; single sign-on; deploy keys;
// Copilot's seats, policy and cloud agent; names of the secrets of Actions, agents and environments; rights of job tokens,
// OIDC subjects, runners; rulesets and branch protection with their bypass lists; environments; alerts of secret scanning;
// the audit log; files of the default branch; the enterprise's hand on its organisations' apps. Of GraphQL the fields that
// tell the same of many repositories in one request, with its limits of 100 a page and 500,000 nodes a query.
//
// Every revocation changes the state: what it kills is refused afterwards, and what it leaves alive (the token behind a
// grant, the key behind an app) goes on working; the audit log has a line of it. [Sim.Kill] makes a revocation late, or a lie. [Sim.Fail] breaks answers,
// [Sim.Secondary] and [Sim.SetLimits] limit, [World].Now is the clock of all of it.
//
// Who may what: classic and OAuth tokens by scope and by what their user is; app and fine-grained tokens by permission; a
// token that lacks something gets GitHub's 403 or 404 with the headers that name what is missing. Scopes are from the
// descriptions of the operations, permissions from GitHub's document "Permissions required for GitHub Apps", both for API
// version 2026-03-10, read 2026-11.
//
// Shapes are held to GitHub's published documents by package contract, in the tests. What stands nowhere there is from the
// documentation's text of 2026-11: headers, limits and how they are told, the 403 that an authenticated call of POST
// /credentials/revoke gets, the end of a seat with the month, that a ruleset's bypass list is shown to who may change it,
// the names of the audit log's events.
//
// Assumed, for GitHub does not say: a missing scope or role is 403 in an organisation, and 404 where the repository's
// administrators alone know of the thing; GraphQL shows the protections and deploy keys of a repository to a person without
// the right as if there were none, and makes the repository null for an app without the permission; a token without single
// sign-on is refused all but public repositories.
//
// What is not simulated: creating things (but tokens of installations, seats, approvals and widened access), pull requests,
// jobs and their tokens, webhooks, SCIM, bulk changes of whole enterprises, mutations of GraphQL, the last use of a token (it
// stays what the world says). GET /app/installations is left out, for the published schema of its answer asks of every
// account that it be a user and an enterprise at once. Both versions of the API get the same shapes. An Enterprise Server
// ([World].Server) lacks what only the cloud has and is otherwise the same.
package githubsim
