// Package query is the language in which lists are filtered: owner=alice risk>=high !unattended "free words".
//
// A filter is terms apart by blanks, which must all hold. A term is a free word (somewhere in the row), key:part (in that
// field), key=word (the whole field, or a whole word of it; key="" is an empty one) or a comparison of a field that has an
// order: a rank, a number, a date or an age. "!" turns a term round, quotes hold blanks together, case does not matter, a
// hyphen stands for a blank too, and @name is a source. Each [Field] says what its values are; a mistake says where it is
// and what to write instead.
//
// It is not: a search over records. It knows fields and texts; whoever has the rows asks [Query.Holds] or [Term.Holds] of each.
package query
