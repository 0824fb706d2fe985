package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"nhitop/inventory"
)

// Options say how text for people is laid out, and what a form needs beside the facts. The zero value is for a file: no
// limit of width, no colour.
type Options struct {
	Width   int // columns of the terminal; 0: lines are not cut
	Color   bool
	Version string    // of nhitop; "" is not told
	Home    string    // absolute: what "~/" stands for; "" is not known
	Roots   []string  // absolute: folders of projects. sarif writes the files below as relative to them
	Filter  *Narrowed // nil: the snapshot is whole
}

// ErrFormat is returned for a format that is not known; its text names the known ones.
var ErrFormat = errors.New("unknown format")

// Formats are the names that [Scan] and [Show] know.
func Formats() []string {
	return []string{"table", "json", "jsonl", "csv", "sarif", "markdown", "html"}
}

func unknownFormat(format string, known ...string) error {
	return fmt.Errorf("%w %q: choose %s", ErrFormat, format, strings.Join(known, ", "))
}

// Scan writes a whole snapshot, or what [Filter] left of one if the options say so.
func Scan(w io.Writer, format string, s *inventory.Snapshot, o Options) error {
	if o.Filter != nil && !slices.Contains(FilterFormats(), format) {
		return unknownFormat(format, FilterFormats()...)
	}
	switch format {
	case "json":
		return writeJSON(w, newDocument(s, s.Records()))
	case "jsonl":
		return writeLines(w, s, s.Records())
	case "csv":
		return writeCSV(w, s, s.Records().Findings)
	case "sarif":
		return writeSARIF(w, s, s.Records(), "", o)
	case "html":
		return scanHTML(w, s, o)
	case "markdown":
		return scanPage(s, o.Filter).markdown(w)
	case "table":
		return scanPage(s, o.Filter).text(w, o)
	}
	return unknownFormat(format, Formats()...)
}

// Show writes one record with everything that is tied to it. The id must be one of the snapshot's.
func Show(w io.Writer, format string, s *inventory.Snapshot, id inventory.ID, o Options) error {
	switch format {
	case "json":
		d := newDocument(s, Select(s, id))
		d.Subject = id
		return writeJSON(w, d)
	case "jsonl":
		return writeLines(w, s, Select(s, id))
	case "csv":
		return writeCSV(w, s, Select(s, id).Findings)
	case "sarif":
		return writeSARIF(w, s, Select(s, id), id, o)
	case "html":
		return showHTML(w, s, id, o)
	case "markdown":
		return showPage(s, id).markdown(w)
	case "table":
		return showPage(s, id).text(w, o)
	}
	return unknownFormat(format, Formats()...)
}
