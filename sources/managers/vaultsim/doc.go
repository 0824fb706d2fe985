// Package vaultsim is a Vault, or an OpenBao, in the process: the part of its HTTP API that sources/managers uses, with state.
// Mounts of the KV secrets engine of either version, tokens with capabilities on paths, versions, check-and-set, deleted
// versions, and the seal.
//
// Statuses and shapes are those of the API pages (KV versions 1 and 2, capabilities-self) and of OpenBao's code, read
// 2026-11-27: a write of version 2 answers with the version's metadata, one of version 1 with 204; a version that was deleted
// is a 404 with its metadata; what has no versions yet is created, and updated ever after.
//
// It can be sealed, refuse, break off before or after a write, be late, and lie: see [Fault].
//
// It is not: a secrets manager. There are no leases, no policies by pattern beyond a star at the end, and nothing is encrypted.
package vaultsim
