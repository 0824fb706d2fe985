// Package report writes what nhitop knows for people and for programs: json and jsonl (the interface "nhitop/v1"), csv
// (the findings, for a spreadsheet), sarif (the findings, for code scanning), markdown (for a ticket), html (one page to
// read, print and keep, that runs and loads nothing) and table (plain text for a terminal).
//
// The same facts give the same bytes. Colour is used only when asked for and never carries a meaning alone. Text from
// outside is escaped for the form that it is written in: a spreadsheet does not run it, a ticket does not render it and
// notifies nobody.
//
// It is not: a collector or a judge, and it decides nothing; it writes no file.
package report
