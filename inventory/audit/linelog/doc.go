// Package linelog appends lines to files so that they are there after a crash: each line is written in one piece and
// synced before the call returns, the file is 0600, and a lock keeps two processes apart.
//
// The audit log and the journal of revocations stand on it. It is not a general log: it knows neither levels nor
// rotation, and a line that it cannot write is an error that the caller must act on.
package linelog
