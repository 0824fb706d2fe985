// Package scim tells of the people who answer for assistants whether they are still there: from any service that speaks SCIM
// 2.0 (RFC 7643, RFC 7644; read 2026-11), such as an identity provider or an HR system.
//
// It is a [sources.Directory]: it asks about those whom the other sources named. Few are asked for one by one with a filter,
// where the service says that it filters; otherwise the list of users is read page by page, by index or by cursor (RFC 9865),
// whichever takes fewer requests. Services that say that they filter and then do not are read as a list, and the ledger says
// so.
//
// active is the sign: false has departed, true is there, absent is unknown. Whoever is not in the list is unknown, unless the
// configuration says that the service holds everybody of a domain. Manager and department come from the enterprise extension.
//
// It is not: a provisioner. It sends GET alone.
package scim
