// Package self puts nhitop's own credentials into the inventory. nhitop is a non-human identity itself: what it holds to
// read a provider, and what it holds to revoke there, is judged like that of any other.
//
// All sources deliver the same assistant, of kind nhitop, each with its own credential and what that may do. The value
// goes to the [inventory.Sink] only, so that the same token found in a file is known as this one.
//
// It is not: a check of what the credential may do. The source knows that, or says that it does not.
package self
