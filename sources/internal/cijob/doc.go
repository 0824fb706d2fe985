// Package cijob delivers the assistants that run in a repository's pipelines: one record each with its job, the secrets
// that the job gets by name, tool servers, owners, and what its token may do.
//
// What a pipeline file says is read by package pipeline. What the repository's settings say (branch rules, the default
// rights of the token, which runner is thrown away) is said by the caller where it knows them, and else is unknown.
//
// It is not: a reader of repositories. Files, index and owners come from the caller.
package cijob
