// Package objects takes away what stands at a provider as objects with addresses of their own: API keys, service accounts,
// rules of trust. A source says by two tables what kinds of objects there are and how each can be changed, and how one is
// read back; planning, looking again before the act, undo, recovery after a crash and the grades of proof are here and the
// same for all.
//
// An object that is another by now is left alone; what was so before is said to have been so; "not found" before our own
// act is no success, and after it only where the place that it stood in is still shown. A credential that is at hand is
// tried by itself: a provider that says that it is gone and goes on accepting it is caught.
//
// It is not: a client of any provider. It knows no path and no word of one.
package objects
