// Package handover brings a new credential to the place that the operator named: a file that is made for it and that
// nobody else may read, the standard input of a command, or a place in a secrets manager. The place is tried before the
// credential is made, and a manager must show afterwards what it was given, where it may be read.
//
// It is not: a store of secrets. It keeps nothing. Nor does it know any manager: see sources/managers.
package handover
