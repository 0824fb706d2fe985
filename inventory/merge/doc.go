// Package merge makes one inventory of what several sources say: records of the same id become one record, and the links
// between records are filled in both directions.
//
// Lists are united. Of two scalars the known one beats the unknown, and of two known ones the one that is worse for the
// company wins (more autonomy, less sandbox, more exposure, a credential that lives), so that no source can talk another
// one's warning away. The result does not depend on the order of what comes in.
//
// It is not: a judge of whether two ids mean the same thing. Sources derive ids from what makes a thing that thing.
package merge
