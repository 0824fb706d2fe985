// Package merge makes one inventory of what several sources say: records of the same id become one record, and the links
// between records are filled in both directions.
//
// Lists are united. Of two scalars the known one beats the unknown, and of two known ones the one that is worse for the
// company wins (more autonomy, less sandbox, more exposure, a credential that lives), so that no source can talk another
// one's warning away. The result does not depend on the order of what comes in.
//
// A secret whose value one source holds and which another knows by a hash, its end or its key's fingerprint becomes one
// record, with the confidence of that; and what the one knows the secret to open, the other's holders of it may do.
//
// A large inventory is merged with little more memory than it takes itself: [Consume] lets go of each list of a batch when that
// is worked in, and what lists inside the records hold is shared, not copied.
//
// Owners that a directory says are one person are one record.
//
// It is not: a judge of whether two ids mean the same thing otherwise. Sources derive ids from what makes a thing that
// thing.
package merge
