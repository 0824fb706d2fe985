// Package issuersim is a simulator of what issuers answer to a credential that is shown to them: GitHub, GitLab, Slack,
// Okta, Vault, Linear, npm, Anthropic, OpenAI, Hugging Face, Cursor, Datadog and AWS, each under its host name. It keeps which
// credentials live, and can lie, be late, be down, or refuse everybody, as real ones do.
//
// The answers are written from the vendors' documentation and SDKs as read on 2026-11-22; those of Vault were seen on a
// real OpenBao, those of npm on a real verdaccio, on that day. It is not made of the table of the source that it tests.
//
// It is not: a simulator of what these services do otherwise.
package issuersim
