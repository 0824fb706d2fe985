// Package hubsim is GitHub in the process as far as the secrets of GitHub Actions go: of a repository, an environment and an
// organisation, sealed for a key that it opens them with. It keeps state, and nobody can read a secret back from it but the test.
//
// Shapes and statuses are those of the REST API pages "GitHub Actions secrets" (2022-11-28), read 2026-11-27: 201 for a new
// secret, 204 for one that was there, 404 for what a token may not see.
//
// It is not: a forge; see sources/github/githubsim for that.
package hubsim
