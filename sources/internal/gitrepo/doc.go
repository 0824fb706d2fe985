// Package gitrepo reads facts from a Git work tree without running git: which files are in the index, whose identity the
// configuration names, where origin is, who owns a path by CODEOWNERS, who added and last changed it, which folders .gitignore
// leaves out, and which credentials stand in the configuration.
//
// Everything it reads may be hostile: files are bounded in size, only regular files are opened, and a link is never
// followed out of the work tree, its Git folder or the roots that the caller allows. What could not be told is Unknown.
//
// It is not: a Git implementation. Commits and trees it leaves to gitobj; it reads no content of a file that is not checked out
// and no ref log, and it changes nothing.
package gitrepo
