// Package pipeline reads pipeline definitions (GitHub Actions, GitLab CI) and says in which jobs an AI assistant runs:
// with which rights of the job token, whose text, which secrets, which settings and tool servers.
//
// Which action, image, command or package is an assistant is said by the catalogue. What a pipeline's own language means
// (permissions, triggers, filters on who may start a job, includes) is said here, from the documentation of GitHub
// Actions and GitLab CI as of 2026-11.
//
// It reads only what it is given: the file, and through a function that the caller passes, the files of the same
// repository that it refers to. It is not: a linter, a runner, or a judge. What a repository's settings decide (the default
// rights of the token, what a cloud grants to an OIDC subject) is Unknown here.
package pipeline
