package inventory

import "time"

// Excerpt is what stands around a place now, for a person to look at. The source that read it has masked every secret in
// it, and more rather than less; no line holds a control character.
type Excerpt struct {
	At       Evidence  `json:"at"`               // the place that was asked for
	State    string    `json:"state"`            // Looked…: read, or what kept it from being read
	Reason   string    `json:"reason,omitempty"` // in words, where it was not read
	First    int       `json:"first,omitempty"`  // number of the first of Lines
	Lines    []string  `json:"lines,omitempty"`
	Line     int       `json:"line,omitempty"` // where the place is now; 0: it is the whole file, or it is not there any more
	Modified time.Time `json:"modified,omitzero"`
	Changed  bool      `json:"changed,omitempty"` // after it was read for the inventory
	Gone     bool      `json:"gone,omitempty"`    // the file is there, and the place in it is not
}

// Places are where a record was read: what its settings and its evidence name, and where a secret stands. Each is named
// once; the source is "" where only the record as a whole says who read it.
func (s *Snapshot) Places(id ID) []Evidence {
	var out []Evidence
	type key struct {
		path, pointer string
		line          int
	}
	seen := map[key]bool{}
	add := func(es ...Evidence) {
		for _, e := range es {
			if k := (key{e.Path, e.Pointer, e.Line}); e.Path != "" && !seen[k] {
				seen[k] = true
				out = append(out, e)
			}
		}
	}
	if a := s.Assistant(id); a != nil {
		for _, x := range a.Settings {
			add(Evidence{Path: x.Path, Pointer: x.Pointer, Line: x.Line, Note: x.Name})
		}
		add(a.Evidence...)
	}
	if x := s.Secret(id); x != nil {
		for _, l := range x.Locations {
			add(Evidence{Path: l.Path, Pointer: l.Pointer, Line: l.Line, Note: l.Note})
		}
	}
	if t := s.Tool(id); t != nil {
		add(t.Evidence...)
	}
	if o := s.Owner(id); o != nil {
		add(o.Evidence...)
	}
	if r := s.Resource(id); r != nil {
		add(r.Evidence...)
	}
	if e := s.Entitlement(id); e != nil {
		add(e.Evidence...)
	}
	if f := s.Finding(id); f != nil {
		add(f.Evidence...)
	}
	return out
}
