// Package gitobj reads commits and trees of a Git repository without running git, and tells who added a file and who changed
// it last.
//
// It reads loose objects and packs (gitformat-pack(5), version 2 of the index; read 2026-11). Everything in them may be hostile:
// what is inflated, the depth of deltas, the number of objects and of commits are bounded, nothing but regular files below the
// folder of objects is opened, and no hook, filter, alternate, replacement or configuration of the repository is looked at. No
// content of a file is read.
//
// It is not: git. A history is followed as "git log -- PATH" does, without renames; where the bound is met, or a shallow clone ends, who
// added the file is not known.
package gitobj
