// Package npmsim is an npm registry in the process: accounts, tokens, and who may publish what. It keeps state, and answers
// as a real verdaccio 6.7.4 was seen to (2026-11-27), its oddities included: a token that it does not know is nobody's and
// gets 200 from whoami without a name; a token that was revoked, or comes from an address that it is not for, gets 403
// everywhere; logging out says so and changes nothing; revoking what is not there is 200 as well. The tests of the source
// run against this and against the real one, and hold the two together.
//
// Late makes it a verdaccio 6.2.9, which says that it revokes and goes on accepting the token.
//
// It is not: a registry. It holds no packages.
package npmsim
