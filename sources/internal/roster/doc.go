// Package roster holds what directories of people share: about whom they can be asked, which entry somebody is, and how what a
// directory knows becomes the record of an owner.
//
// It is not: a protocol. How people are looked up, and what says that somebody has left, the directories know themselves.
package roster
