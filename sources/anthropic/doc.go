// Package anthropic is the source that reads an organisation at Anthropic: which API keys, service accounts and federation
// rules exist, whose they are and as whom they act, which of them Claude Code uses; and takes them away: what can be taken
// back first (a key switched off, a membership ended), then for good.
//
// Two credentials are asked with. An Admin API key reads people, workspaces, API keys and the Claude Code report. Service
// accounts and federation are shown to an OAuth access token with the scope org:admin alone; without one they are not known,
// and the ledger says so.
//
// # What it costs
//
// One request for each thousand keys, people and workspaces, one for each workspace (its members), one for each service
// account (its workspaces), one for each thousand rules and issuers, and one for each day of the Claude Code report.
//
// # What it cannot tell
//
// When a key was used last is told nowhere; the report of Claude Code names keys by name, and a name that several keys bear
// tells nothing. A key is shown by its beginning and its last four characters only: it is not tied to what is found in files,
// and a key in hand is matched by the whole hint just before the act. Admin API keys are in no list. That a person leaves
// does not end the keys that they made.
//
// Keys cannot be made by the API: to replace one is a step for a person, seen done by reading back. Archiving a federation
// rule lets the tokens live that it has given, up to the rule's own lifetime.
//
// API: Anthropic's Admin API as its Go SDK 1.84.0 has it, and its documentation, read 2026-11.
package anthropic
