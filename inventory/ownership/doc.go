// Package ownership decides which one of those who might answer for an assistant does, and says how sure that is and what
// speaks against it.
//
// Each sign (inventory.OwnerSign) names somebody: an operator's decision, the charter, a system of record, a tag, the account
// that is signed in, whom the provider names, CODEOWNERS, Git, the user of the machine, who is on call. The order of the signs
// decides, a table that the configuration can replace: the first sign that names anybody chooses among those that it names,
// first whoever is not known to have left, then a person before a team before an account of no person, then whom more signs
// name. Whoever a sign names that is not in the table is shown and never chosen.
//
// So a leaver is seen at once: that some weaker sign still names a colleague does not hide that the one who answered has left.
// The assistant is an orphan until a decision, a charter or a stronger sign names somebody who is there. Others are listed in
// the order in which they would be chosen, which is whom to ask.
//
// Confidence is a small sum: 2 for a sign that is about this assistant (decision to creator), 1 for one that is about its
// surroundings; 1 more where another kind of sign agrees, 1 more where a source knows the person as active, 1 less for a team
// and 1 less where a sign of the first sort names somebody else who has not left. 3 is high, 2 medium.
//
// It is not: a source of signs, or a judge (inventory/risk makes findings of orphans). Who is one person, inventory/merge says.
package ownership
