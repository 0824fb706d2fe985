// Package managers are the places in secrets managers that a rotation brings a new credential to: a key of a secret in Vault
// or OpenBao, a secret in AWS Secrets Manager, a secret of GitHub Actions, a
// CI/CD variable of GitLab. Each is a [revoke.Manager], made of a table [places.NAME] of the configuration.
//
// A place is looked at before there is a new credential: whether the token may write there, what stands there, which version
// comes next. It is written with check-and-set where the manager has it, so that a write of somebody else in between is not
// lost, the other keys of the secret stay, and what was written is read back.
//
// It is not: a source. Nothing of what stands in a manager enters the inventory, and nothing is ever taken out of one.
package managers
