// Package openai is the source that reads an organisation at OpenAI: projects, their keys and service accounts, the keys
// that administer the organisation, people, and the workload identity providers with their rules; and takes them away: what
// can be taken back first (scopes narrowed to reading, a provider or a rule switched off), then for good.
//
// # What it costs
//
// One request for each hundred people, projects, admin keys and providers, and for each project two (keys, service
// accounts), for each provider one (its rules).
//
// # What it cannot tell
//
// OpenAI does not show the scopes of a key. The audit log, where it is on, tells them as they were last set: from it a
// narrowing is planned, read back and taken back; without it the key is ended and not narrowed. A key is shown by its
// beginning and its end: it is not tied to what is found in files, and a key in hand is held against that hint just before
// the act. What was given in exchange for a workload's token lives until it ends; how long, OpenAI does not show.
//
// API: OpenAI's administration API as its Go SDK v3.99.0 has it, read 2026-11.
package openai
