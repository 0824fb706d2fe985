// Package github reads an organisation of GitHub (cloud, enterprise or an Enterprise Server): which assistants stand in it
// as apps, tokens, keys, seats, Copilot's cloud agent or workflow jobs, and what they may do there in the end.
//
// # Who may do what
//
// Each app, token, key and job is an actor with grants; each repository has rules, environments and workflows. What comes of
// the two is worked out by package forge, repository by repository, while the list of repositories goes by: of each actor the
// worst of each capability is kept, with its repository and in how many it is so. Actors that every repository treats alike
// are gone through once for all of them.
//
// # Requests
//
// An organisation is read in the fewest requests that GitHub's interfaces allow, as of 2026-11:
//   - repositories, with branch protection, rulesets, environments, CODEOWNERS and the texts of all workflows: one GraphQL query
//     for 100 (the most that it gives on a page), some 45 of the 5,000 points an hour; a page that GitHub cannot make in its time
//     is asked for again at half the size;
//   - installed apps, grants and requests of tokens, single sign-on, seats, secrets, runners, alerts, members (owners apart),
//     outside collaborators: one for each 100;
//   - the organisation, its policies and settings, and each of its rulesets: one each; who reads: one; whether branch protection
//     may be read at all: one;
//   - the audit log: one for each 100 installations of apps, and one for each 100 of the newest 2,000 events in audit_days.
//
// All organisations of an enterprise are one source, where no organisation is named: one request for each 100 of them, and
// each is then read so.
//
// For 5,000 repositories, as many members and 800 apps that is 50 + 8 + 51 and some twenty more: under 130, where one request for
// each repository and rule would be 10,000 and more. What has no list is asked for one by one, where it matters: deploy keys, of
// repositories that have some; a repository's own secrets, runners, environments, agent settings and OIDC subject, where an
// assistant works in it or where there are no more repositories than detail says; the repositories of a token that was given
// some. Where detail is reached the ledger says so.
//
// One page of repositories is in memory at a time. A rate limit is waited for, shown, and the reading goes on where it was.
//
// What it can take away is a table too: each kind of object with what contains it, what ends it, what stays, and where a
// person does it when GitHub has no call for it. An object is looked at before it is changed, and read back after. All that a
// person has is ended by the narrowest call that covers it, and each credential is read back by itself.
//
// It is not: a client library. What it cannot read is unknown: the ledger has a line for it with the permission that it
// takes, and what depends on it is uncertain.
package github
