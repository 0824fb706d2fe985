// Package catalogue holds what is known about assistants, tool servers and credential files, as data: one embedded TOML
// file for each assistant (data/assistants/ID.toml), and tables for known tool servers, credential files that an
// assistant inherits, and what each kind of credential can reach.
//
// A user's own folder of the same shape adds entries and overrides embedded ones by id. A bad entry is an error with its
// file, line and key.
//
// It is: where a product keeps its files, in which format, and where in them account, credentials, tool servers,
// permissions, autonomy, sandbox, hooks and version stand. It is not: code. What a product decides by rules that data
// cannot say (precedence of managed settings, trust) is a small named function in sources/local/mode that an entry
// refers to by its resolver key.
//
// # Adding an assistant
//
// Write data/assistants/ID.toml (or assistants/ID.toml in a folder of your own, named by catalogue in [sources.local]) and
// run go test ./inventory/catalogue. The least that is useful:
//
//	id = "acme"                       # also the file's name
//	name = "Acme Coder"
//	vendor = "Acme"
//	acts = true                       # edits, runs commands or calls tools by design
//	facts = "docs.acme.example, 1.4"  # where this is known from
//	checked = "2026-11-22"            # and when
//
//	[default]                         # what holds when no file says otherwise
//	autonomy = "ask"                  # suggest, ask, auto-edit, auto, unattended, unknown
//	sandbox = "none"                  # none, workspace, container, vm, unknown
//	why = "asks before commands"
//
//	[[file]]
//	id = "settings"
//	scope = "user"                    # user, project, local, managed, system
//	format = "json"
//	role = "settings"
//	paths = ["~/.acme/settings.json"] # linux, macos, windows where they differ
//	servers = [{ pointer = "/mcpServers" }]
//	secret = [{ pointer = "/apiKey", kind = "generic-api-key" }]
//	setting = [{ pointer = "/mode", kind = "mode", means = "autonomy", values = { full = "unattended" }, safe = "ask" }]
//
//	[[file]]
//	id = "project"
//	scope = "project"
//	format = "json"
//	role = "settings"
//	paths = [".acme/settings.json"]
//	as = "settings"                   # the same rows as the file above
//
// A product that also stands at a code host, as an app that is installed there, has a row for it:
//
//	[[app]]
//	slug = "acme-coder"               # as in github.com/apps/acme-coder
//	id = 123456                       # the app's number, if it is known: a slug can be renamed
//	default = { autonomy = "unattended", sandbox = "vm", why = "works by itself on a machine of the vendor" }
//
// Pointers are JSON pointers over the parsed file, whatever its format; "*" stands for any one key or index. A place that is
// known and never opened (a database, a keyring, a transcript) is worth a row too, with its reason: the scan says then that
// it was not read. Write down only what is known, and how; leave out or comment what is not. The types of this package
// document every key.
package catalogue
