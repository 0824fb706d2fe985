// Package credential knows the shapes of credentials: which text is a secret, whose, of what kind, until when, told
// without asking anybody; and which text only looks like one (a placeholder, a reference to a variable, a public key).
//
// The shapes are a table. Checksums are tested where the issuer publishes one. Nothing here keeps, prints or returns a
// secret other than as an [inventory.Value].
//
// It is not: a scanner of files (sources/local) or a client of any issuer.
package credential
