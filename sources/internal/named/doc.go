// Package named tells by the name of an account, a token or a key whether an assistant holds it, and which: by patterns of
// the operator's own, by the account names of the catalogue, by the words of a product's name.
//
// It is not: proof. What only a name tells is said to be told by its name only.
package named
