// Package credref reads a credential from the place that a configuration names: a variable, a file, a command or the
// keyring of the operating system. The configuration never holds the credential itself.
//
// Its errors name the place and never what stands there; what a command writes to its error stream is not repeated.
//
// It is not: a store of credentials. What is read is handed on as an [inventory.Value], and nothing is kept.
package credref
