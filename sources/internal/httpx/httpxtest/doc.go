// Package httpxtest is for the tests of HTTP sources: a transport that answers one request of many with a fault, and one
// that records what was sent and where.
//
// It is not: a simulator of any provider. It stands between the client and one.
package httpxtest
