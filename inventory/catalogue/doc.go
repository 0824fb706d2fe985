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
package catalogue
