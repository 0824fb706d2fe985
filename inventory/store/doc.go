// Package store is the state folder of nhitop: the fingerprint key, the last snapshot and the last good facts of each
// source.
//
// The folder is 0700 and every file in it 0600. Files are written beside their place, synced and renamed, so that a crash
// leaves the old one or the new one. A file that cannot be understood is set aside under another name and told, never
// deleted; one that a newer nhitop wrote is refused and left as it is.
//
// It is not: a database with history, or the journal and audit log of revocations, which stand in the same folder and
// belong to inventory/revoke and inventory/audit.
package store
