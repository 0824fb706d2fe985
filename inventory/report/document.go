package report

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"nhitop/inventory"
)

// document is the JSON interface "nhitop/v1".
type document struct {
	Schema      string       `json:"schema"`
	CollectedAt time.Time    `json:"collected_at"`
	Complete    bool         `json:"complete"`          // every source was read to its end
	Subject     inventory.ID `json:"subject,omitempty"` // only of one record with what is tied to it
	inventory.Records
	Posture inventory.Posture `json:"posture"`
}

func newDocument(s *inventory.Snapshot, r inventory.Records) document {
	return document{Schema: inventory.Schema, CollectedAt: s.At().UTC(), Complete: Complete(s), Records: r, Posture: s.Posture()}
}

// Complete reports whether every source was read to its end.
func Complete(s *inventory.Snapshot) bool {
	if s.Partial() {
		return false
	}
	for _, src := range s.Records().Sources {
		if src.Status != inventory.SourceOK {
			return false
		}
	}
	return true
}

// writeJSON writes one indented object. Lists of records that are empty are [] and never null.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// done ends a stream of lines. A reader that has not seen it with complete true takes nothing for deleted.
type done struct {
	Type        string            `json:"type"`
	Schema      string            `json:"schema"`
	CollectedAt time.Time         `json:"collected_at"`
	Complete    bool              `json:"complete"`
	Counts      map[string]int    `json:"counts"`
	Posture     inventory.Posture `json:"posture"`
}

// writeLines writes each record as one line with its type.
func writeLines(w io.Writer, s *inventory.Snapshot, r inventory.Records) error {
	l := &lines{w: w, counts: map[string]int{}}
	each(l, "source", r.Sources)
	each(l, "assistant", r.Assistants)
	each(l, "owner", r.Owners)
	each(l, "secret", r.Secrets)
	each(l, "entitlement", r.Entitlements)
	each(l, "tool", r.Tools)
	each(l, "resource", r.Resources)
	each(l, "reference", r.References)
	each(l, "finding", r.Findings)
	each(l, "issue", r.Issues)
	if l.err != nil {
		return l.err
	}
	return compact(w, done{Type: "done", Schema: inventory.Schema, CollectedAt: s.At().UTC(), Complete: Complete(s), Counts: l.counts, Posture: s.Posture()})
}

type lines struct {
	w      io.Writer
	counts map[string]int
	err    error
}

func each[T any](l *lines, kind string, xs []T) {
	l.counts[kind] = len(xs)
	for i := range xs {
		if l.err != nil {
			return
		}
		var b bytes.Buffer
		if l.err = compact(&b, xs[i]); l.err != nil {
			return
		}
		line := append([]byte(`{"type":"`+kind+`",`), b.Bytes()[1:]...) // a record is an object that is never empty
		_, l.err = l.w.Write(line)
	}
}

func compact(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// filled replaces a nil slice by an empty one, for values that do not come out of a snapshot.
func filled[T any](xs []T) []T {
	if xs == nil {
		return []T{}
	}
	return xs
}
