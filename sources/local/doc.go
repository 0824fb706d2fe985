// Package local is the source that reads this machine: every known assistant in the homes and the project folders that
// it is pointed at, what each holds, what it may do, who answers for it, and what it inherits from the account it runs as.
//
// It opens known places only. Homes are not searched: each place of the catalogue is looked at. Project folders are walked
// for known names; .gitignore is honoured for folders and never for a known name. No link is followed out of the roots,
// nothing but a regular file is opened, and no file is read beyond a limit. What was looked at and what was not stands in
// the ledger, so that "nothing found" is said of what was read and of nothing else.
//
// Secrets leave it as [inventory.Value] only. It opens no database, keyring or encrypted store, reads the memory and
// environment of no other process, runs no program and uses no network.
package local
