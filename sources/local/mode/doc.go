// Package mode says what an assistant's settings come to in the end: mode, rules, trust, managed ceiling and the gaps of
// a start without a terminal together, with the reason.
//
// It is: the rows of the catalogue applied layer by layer, and for products whose rule cannot be said in data one named
// function each. It reads parsed documents only.
//
// It is not: a reader of files, or a judge of what is good.
package mode
