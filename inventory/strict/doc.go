// Package strict checks a TOML file against the struct that it is decoded into: each key that the struct has no field for
// and each value of the wrong type is an error with file, line, key, and what to do, among it the nearest known key.
//
// Its messages name keys and types and never quote a value: what stands in the wrong place may be a secret.
//
// It is not: a decoder. It says where things stand and what is wrong; decoding is left to the TOML library.
package strict
