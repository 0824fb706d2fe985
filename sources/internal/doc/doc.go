// Package doc reads configuration files into a tree that knows where each value stands, and edits them without touching
// a byte that the edit is not about.
//
// It reads JSON, JSON with comments and trailing commas, TOML, YAML, INI, dotenv, netrc, npmrc, properties and plain
// lines. It is strict about nothing that a product forgives (BOM, CRLF, comments, trailing commas, duplicate keys) and
// bounded in everything that a hostile file could stretch (size, depth, number of nodes, aliases).
//
// It is not: a decoder into Go types, a formatter, or a validator of any product's schema.
package doc
