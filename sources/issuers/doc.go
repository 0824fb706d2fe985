// Package issuers knows what the issuers of credentials answer when a credential is shown to them: how one asks, without
// changing anything, whether it is still accepted and whose it is, and how it ends itself. It is what ends a pasted
// credential of a provider for which no source is configured.
//
// The issuers are rows of issuers.toml: the call that asks, the answers that mean alive and dead, a control call that
// shows that the endpoint is up, and the call that ends the credential. A kind of credential without such a call becomes
// a step for a person, with the words of the catalogue.
//
// AWS is no row: its keys are never sent, they sign. An access key turns itself off where its id and its secret key are
// both known: pasted together, or one of them pasted or found and the other one in the inventory or in the file where they
// stand. The id or the secret key alone, and temporary keys, are for a person. A key that may manage the keys of its user is
// rotated: a second one, handed over and proven, then the old one off; the plan for that is the one that asks AWS by itself.
//
// A credential is dead only when its issuer refuses it in the way that the row names and the control answers, or the same
// call accepted the credential before. Any other answer is no proof of death: 403, 404, 429 and 5xx are unknown unless the
// row says what they mean there.
//
// It is not: a source of facts. It collects nothing, asks nobody by itself, and sends a credential to no one but the
// issuer of its kind, when the operator has agreed to that.
package issuers
