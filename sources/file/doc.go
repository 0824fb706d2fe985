// Package file takes in what others have written down: the records of the JSON interface as JSON, JSON Lines or CSV, and the
// results of scanners (SARIF 2.1.0, gitleaks 8 and trufflehog 3 JSON, CycloneDX 1.4 to 1.7), from a file, a folder or
// standard input.
//
// What it delivers bears its own name: a writer's word is that writer's. Each fault is named with file, line and field, and
// costs the one record. That something is gone is said only where a file was whole: read to its end, without a fault, and
// where it is JSON Lines with its line "done" and complete true.
//
// Scanners write down the values of what they find. Those go into an inventory.Value as they are read, become a fingerprint
// at the sink, and are taken out of every other text of the same finding; messages, matched lines and links are not read.
//
// It is not: a scanner, and it changes no file. A report that holds values is itself a place where they stand, and the source
// says so where others can read it.
package file
