// Package config reads the configuration: one strict TOML file, composed of what the program itself knows (read_only,
// [policy], [revoke]) and one table or array of tables for each source, decoded into that source's own options.
//
// Every error names the file, the line and the key, and what to do. No error quotes a value. config.toml.example is made
// from the samples here and in the sources, and a test fails when it is stale.
//
// It is not: the place where options get their meaning. A source reads its own.
package config
