// Package archtest holds the walls of the house as plain tests: which package may import which, that every source is in
// the list and has a sample, that packages say what they are, and that files and functions stay small enough to read.
//
// It has no code of its own.
package archtest
