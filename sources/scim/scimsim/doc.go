// Package scimsim is a service that speaks SCIM 2.0, as far as nhitop asks it: users with the enterprise extension, lists by index and
// by cursor, filters, errors, what the service can. It follows RFC 7643, RFC 7644 and RFC 9865 (read 2026-11), with switches
// for what real services do otherwise.
//
// It is not: a store that can be written to.
package scimsim
