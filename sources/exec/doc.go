// Package exec asks a program of your own, in any language, for records: a plugin.
//
// The protocol, nhitop/v1alpha1: the program is started as PROGRAM VERB, with one JSON request on standard input. It answers
// on standard output with JSON Lines of at most 1 MiB each: records as "nhitop schema" prints them, with their "type", and
// messages with "apiVersion" and "kind". Standard error is for people.
//
//	describe   one PluginInfo: name, version, provider
//	inventory  records, Progress{text}, Warning{text}, and at last one InventoryDone{complete, counts}
//
// The request names the verb, the source's own name, its table "config", the time that there is, and for each secret of the
// table the number of the descriptor on which its value can be read; values are in no argument and in no variable. Unknown
// fields and kinds are passed over. Exit codes: 0 the stream is whole, 2 the request is not understood, 3 the credential is
// not accepted, 4 a limit was met, 75 try again later. What was told before another end than 0 still counts, and then, as
// without InventoryDone and complete true, nothing is taken for gone.
//
// A plugin is started only when it is the one that the configuration names by absolute path and SHA-256 and nobody but its
// owner can change it; it gets a clean environment and limits (see cage). It costs only itself: what it does wrong is
// the state of this source, with the reason. Its ids are its own: it cannot speak of another source's records.
//
// It is not: a way to revoke. A plugin is asked what there is, and nothing else.
package exec
