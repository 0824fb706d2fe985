// Package gitlabsim is a GitLab that lives in the process: an http.Handler with users, groups, projects, tokens, keys,
// rules, pipelines and runners, which changes when it is told to, as the real one does.
//
// It answers the part of the REST API v4 that nhitop uses, with GitLab's own status codes, headers, pages and words for
// what a token may not do. It knows what is easily got wrong: a list of access tokens answers 401 to who may not manage
// them, a token without the scope gets 403 insufficient_scope and lives, a token of a blocked user gets 403 and comes
// back when the user does, a revoked token gets 401, revoking twice is no error, and a rotation that is asked of a
// revoked token ends every token of its family. On demand it limits rates, is slow, breaks off, talks rubbish, says that
// it revoked and did not, or lets a revoked token work for a while ([Sim.Inject], [Sim.Revocations]).
//
// Its clock is the caller's. Nothing leaves the process and nothing is kept. Tokens are made up and say FAKE.
//
// It is not: a GitLab. There is no Git, no web page, no GraphQL, no job that runs. Whoever needs an answer that is not in
// the table of routes gets 404.
//
// # How its shapes were checked
//
// Paths, parameters and fields: GitLab's own OpenAPI 3 document (doc/api/openapi/openapi_v3.yaml of June 2026, GitLab 19.1,
// licensed CC BY-SA 4.0; a copy whose list answers are typed as lists, which the original leaves out), and the structs of
// GitLab's Go client, gitlab.com/gitlab-org/api/client-go/v2 v2.64.0 (Apache-2.0). Neither is in this repository. The
// module .ci/gitlab drives this simulator with that client on every run of .ci/run: every field that it answers with is one
// that the client knows, and every request of nhitop is one that the client sends too; what only the document has is listed
// there. Where NHITOP_TEST_GITLAB_OPENAPI names the document, every request and the type of every field is held to it as
// well; that was done with the document above. It describes some answers wrongly (a list as one object, the associations of
// a token as a token); those are listed there, too. Status codes and
// error texts: lib/api/api_guard.rb, lib/api/resource_access_tokens.rb, lib/api/admin/token.rb and the REST API pages of
// GitLab's documentation, as of 2026-11.
package gitlabsim
