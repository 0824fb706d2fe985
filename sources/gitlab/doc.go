// Package gitlab is the source that reads GitLab: gitlab.com, or an instance by its address; named groups and projects,
// everything that its token may see, or, with an administrator's token, the whole instance.
//
// It reads which credentials exist (personal, project and group access tokens, those of service accounts, deploy tokens
// and keys, triggers, runners, cluster agents, OAuth applications, and where that is switched on the names of CI/CD
// variables), what each may do in the end (scopes, the role of its account, protected branches and
// environments, approval rules: package forge), which of them an assistant holds as far as names tell, the assistants that
// run in pipelines, whether GitLab Duo is on, and who answers. It takes away what the API lets it: what can be taken back
// first (block, lower a role, pause, switch off), then the credential itself.
//
// # What it costs
//
// For an instance: one request for each hundred users, tokens, applications, groups, projects, deploy keys and runners,
// and one for each runner of one's own. For each group five (members, access tokens, deploy tokens, service accounts,
// protected environments), or four where the top group's credentials inventory tells all tokens at once (gitlab.com,
// Ultimate). For each project six (members, deploy tokens, triggers, service accounts, cluster agents, pipeline), one more
// for each cluster agent and each of its tokens, one for deploy keys without an administrator's token, one for its access
// tokens where it has a bot, and for the rules two to five where a pipeline runs or some credential in sight may write
// there. With variables one more for each group and project. Deploy tokens are asked for only until all that the instance
// knows of are found. A list of several pages costs one request each. Projects are read eight at a time and dropped when
// they are judged.
//
// # What it cannot tell
//
// GitLab shows neither a hash nor the end of a token: a token in a file is known again only where nhitop holds the same
// one. Who holds a token is told by its name alone. Roles through invited groups count where the group is in sight. A list
// that the token may not read is named in the ledger, with what is missing, and what depends on it is unknown.
//
// It never asks for a rotation: asked of a revoked token that ends every token of its family.
//
// API: GitLab REST API v4, documentation of 19.x and its OpenAPI document, read 2026-11.
package gitlab
