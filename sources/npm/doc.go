// Package npm reads the publish tokens of an account at an npm registry, and ends them.
//
// It speaks the registry's own interface, as the npm program does (11.19.1) and as verdaccio answers it (6.7.4 and 6.2.9,
// tried): /-/whoami, /-/npm/v1/user, /-/npm/v1/tokens and /-/user/NAME/package. A registry shows an account its own tokens
// and no others; what it does not tell (when a token was used last, what one that was made by logging in may do) stays
// unknown.
//
// A registry that says that a token is gone need not be right: verdaccio 6.2.9 answers 200, lists it no more, and goes on
// accepting it, and no verdaccio forgets a token by logging out. So a revocation is proven only by the token itself, which
// was accepted before and is refused after, while another request is answered; where its value is not at hand, the list
// is all that can be asked, and the proof is called attested.
//
// It is not: a reader of packages. Which packages are good is not its question, only who may publish them.
package npm
