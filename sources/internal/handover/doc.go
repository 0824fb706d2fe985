// Package handover brings a new credential to the place that the operator named: a file that is made for it and that
// nobody else may read, or the standard input of a command. The place is tried before the credential is made.
//
// It is not: a store of secrets. It keeps nothing.
package handover
