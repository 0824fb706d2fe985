// Example is a whole plugin for a real small system: service accounts and their tokens in an SQLite database. It lists both with
// their owners and rights, suspends accounts and resumes them, ends tokens for good, and looks how things stand.
//
// Its table, for a database made with schema.sql:
//
//	[[sources.exec]]
//	name = "accounts"
//	command = "/usr/local/lib/nhitop/accounts"   # go build -o accounts ./sources/exec/example
//	sha256 = "..."                               # nhitop plugin pin prints it
//	config = { database = "/srv/accounts/accounts.db" }
//	write = ["/srv/accounts"]                    # SQLite writes its journal beside the database
//	revoke = true
//
// What it changes and the idempotency key of the order go into one transaction: an order that comes twice is done once, however
// the plugin was ended in between.
//
// It is not: a part of nhitop. It imports nothing of it, as a plugin of yours does not.
package main
