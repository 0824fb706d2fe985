// Package schema says the records of the JSON interface "nhitop/v1" to others: as a JSON Schema, made from the Go types,
// and as a reader that names the line and the field of each fault. One table of required fields and of words serves both.
//
// Messages name fields, types and the words that are known, and never quote a value: what stands in the wrong place may be
// a secret.
//
// It is not: a door into the inventory. What it decoded is still text from outside.
package schema
