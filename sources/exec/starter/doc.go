// Package starter holds first plugins in several languages, for their authors to go on from. Each is whole: it lists, plans,
// suspends, resumes and verifies the accounts of a text file, in whose place the author's own system goes.
//
// It is not: what the host thinks of a plugin. That is exec's.
package starter
