// Package github reads an organisation of GitHub (cloud, enterprise or an Enterprise Server): which assistants stand in it
// as apps, tokens, keys, seats, Copilot's cloud agent or workflow jobs, and what they may do there in the end.
//
// What it can take away is a table too: each kind of object with what contains it, what ends it, what stays, and where a
// person does it when GitHub has no call for it. An object is looked at before it is changed, and read back after.
//
// It is not: a client library. What it cannot read is unknown: the ledger has a line for it with the permission that it
// takes, and what depends on it is uncertain.
package github
