// Package giteasim is a Gitea in the process: a stateful http.Handler with the part of the API "v1" that nhitop uses, for
// tests and for the demo.
//
// What it answers, to the word and with the same status, was seen on a Gitea 1.25.5 in 2026-11: who is refused with 401
// and who with 403, that a second deletion of a token is 404 and of a deploy key 204, that tokens are listed to HTTP Basic
// alone, that users of the type bot stand in no list, and that the permission of a collaborator leaves out what a team
// gives by units. Where the place of a check matters (scope before sign-in before right) it is that of Gitea.
//
// It can be slow, hang, break off, refuse, lie about what it took away, and take away with a delay: see [Fault] and
// [World].
//
// It is not: a forge. There is no Git in it, nothing runs, and what nhitop does not ask for is not there.
package giteasim
