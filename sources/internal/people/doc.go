// Package people names whoever answers for an assistant or a secret, so that every source gives the same person the same
// id: by the e-mail address where one is known, else by the login.
//
// It is not: a directory. Who is who, and who has left, its callers say.
package people
