// Package forge says what an actor at a code host may do in the end: its grants, taken together with branch rules and
// their bypass lists, review settings, deployment environments, pipelines and what their token may do.
//
// A source brings the facts of its host into one form ([Actor], [Repo]) and asks [Effective]. Each [Right] has a gate, says
// whether it is certain, and carries the path that proves it, in words. What could not be read makes a right uncertain: it
// is never taken for open or for closed. [Tally] keeps the worst of many repositories without keeping the repositories.
//
// The rules follow the documentation of GitHub, GitLab and Gitea as of 2026-11. The functions are pure. It is not: a client
// of a host, or a judge of whether a right is too much.
package forge
