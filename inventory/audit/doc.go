// Package audit keeps a log of who did what to which identity, in lines of JSON whose hashes hang on each other: a line
// that is changed, taken out or put in breaks the chain, and [Log.Verify] names the first one that does.
//
// The chain has no key. It shows accidents and careless hands, not somebody who may write the state folder and computes
// the chain anew; for that the log has to be sent elsewhere. It never holds a secret's value.
package audit
