// Package audit keeps a log of who did what to which identity, in lines of JSON whose hashes hang on each other: a line
// that is changed, taken out or put in breaks the chain, and [Log.Verify] names the first one that does.
//
// The chain has no key. It shows accidents and careless hands, not somebody who may write the state folder and computes
// the chain anew. For that the log can be sent on to a syslog ([Log.Forward]), and its head signed with a key of the
// operator's ([Log.Sign]). It never holds a secret's value.
package audit
