// Package store is the state folder of nhitop: the fingerprint key, and a database (SQLite) with the last snapshot, the
// last good facts of each source, the history of every record, how the metrics stood, and what people decided.
//
// The folder is 0700 and every file in it 0600. The database is one file, nhitop.db, in WAL mode; what is stored is durable
// when the call returns, whatever happens to the process then, and several processes may have it open at once. Its schema
// has a number: an older one is copied (nhitop.db.vN.bak) and brought to the present one, a newer one is refused before
// anything is written. A file that is no sound database is set aside under another name and told, never deleted.
//
// The last snapshot is kept in parts that are read side by side, for a start must be fast. History keeps of each record the
// versions that differ, each from one collection up to another: what does not change costs nothing. Left out of it is what
// changes with every collection and says nothing new: times of reading and last use, line numbers, and the sentence and
// score of a finding, which may name an age. Nothing is dropped by age; scopes that were not used for longest are dropped,
// with their history, beyond the newest 32. Decisions are of no scope and are never dropped.
//
// Plans that wait for another operator's confirmation stand in a table too, each until it is carried out or its time is over.
//
// Ownership reviews stand in two tables: each as it was frozen when it was opened, and the decisions in it, of which none is
// dropped or changed, only taken back.
//
// Beside each collection stand the numbers of its metrics, so that a trend is one small query, and the secrets that had to
// be revoked are followed in a table of their own: from when that was known until they ended, and how.
//
// The JSON files of an earlier state folder (facts/) are read while the database has nothing of their scope, and taken away
// when it has.
//
// It is not: the journal and the audit log of revocations and decisions. Those stand in the same folder and belong to
// inventory/revoke and inventory/audit: append-only files of lines, which a person can read without a program, which are
// synced before the next step is done, and which outlive a damaged database.
package store
