// Package github reads an organisation of GitHub (cloud, enterprise or an Enterprise Server): which assistants stand in it
// as apps, tokens, keys, seats, Copilot's cloud agent or workflow jobs, and what they may do there in the end.
//
// It is not: a client library. What it cannot read is unknown: the ledger has a line for it with the permission that it
// takes, and what depends on it is uncertain.
package github
