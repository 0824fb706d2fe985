package local

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// marker stands where a part of a longer text was a secret. Its last word lets scanners know it for what it is.
const marker = "REVOKED-BY-NHITOP-PLACEHOLDER"

// change is what a step does to one file. It is plain data and holds no secret: places of secrets are pointers and
// offsets into the file that the step was planned for.
type change struct {
	Secrets []spot   `json:"secrets,omitempty"`
	Remove  []string `json:"remove,omitempty"` // pointers that go as a whole
	Set     *setting `json:"set,omitempty"`
	Delete  bool     `json:"delete,omitempty"` // the whole file
}

// spot is a secret in a value: bytes Start to End of its text.
type spot struct {
	Pointer string   `json:"pointer"`
	Start   int      `json:"start"`
	End     int      `json:"end"`
	Remove  []string `json:"remove,omitempty"` // what goes with it; none: the secret alone is replaced by the marker
}

type setting struct {
	Pointer string   `json:"pointer"`
	Kind    doc.Kind `json:"kind"`
	Text    string   `json:"text"`
}

func (c change) encode() string {
	data, _ := json.Marshal(c) // strings and numbers
	return string(data)
}

func decodeChange(s string) (change, error) {
	var c change
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return c, fmt.Errorf("%w: the step cannot be understood", revoke.ErrChanged)
	}
	return c, nil
}

// pointers lists what the change names.
func (c change) pointers() []string {
	ps := slices.Clone(c.Remove)
	for _, s := range c.Secrets {
		ps = append(ps, s.Pointer)
	}
	if c.Set != nil {
		ps = append(ps, c.Set.Pointer)
	}
	return ps
}

// values returns the secrets that the change is about, as they stood in the planned file.
func (c change) values(planned *doc.Doc) []string {
	var vs []string
	for _, s := range c.Secrets {
		if n := planned.At(s.Pointer); n != nil && s.Start >= 0 && s.Start < s.End && s.End <= len(n.Text) {
			vs = append(vs, n.Text[s.Start:s.End])
		}
	}
	return vs
}

// apply makes the change in a file that is the planned one, or one that nhitop's own steps made of it. already says that
// there is nothing left to do.
func (c change) apply(planned, now *doc.Doc) (out []byte, already bool, err error) {
	cur := now
	for _, s := range c.Secrets {
		if len(s.Remove) > 0 {
			continue
		}
		if cur, err = s.mask(planned, cur); err != nil {
			return nil, false, err
		}
	}
	gone := slices.Clone(c.Remove)
	for _, s := range c.Secrets {
		for _, p := range s.Remove {
			if !slices.Contains(gone, p) {
				gone = append(gone, p)
			}
		}
	}
	var found []string
	for _, p := range gone {
		q, err := moved(planned, cur, p)
		if err != nil {
			return nil, false, err
		}
		if q != "" {
			found = append(found, q)
		}
	}
	if len(found) > 0 {
		data, err := cur.Remove(found...)
		if err != nil {
			return nil, false, err
		}
		if cur, err = doc.ParseLimits(cur.Format, data, docLimits); err != nil {
			return nil, false, err
		}
	}
	if c.Set != nil {
		data, err := cur.Set(c.Set.Pointer, c.Set.Kind, c.Set.Text)
		if err != nil {
			return nil, false, err
		}
		return data, string(data) == string(now.Data), nil
	}
	return cur.Data, string(cur.Data) == string(now.Data), nil
}

// docLimits let every file through that was read.
var docLimits = doc.Limits{MaxBytes: 64 << 20, MaxNodes: 4_000_000}

// mask replaces the secret in its value.
func (s spot) mask(planned, cur *doc.Doc) (*doc.Doc, error) {
	vs := change{Secrets: []spot{s}}.values(planned)
	if len(vs) == 0 {
		return nil, revoke.ErrChanged
	}
	n := cur.At(s.Pointer)
	if n == nil || !strings.Contains(n.Text, vs[0]) {
		n = nil
		many := false
		cur.Root.Walk(func(m *doc.Node) bool {
			if m.Key == planned.At(s.Pointer).Key && strings.Contains(m.Text, vs[0]) {
				many = n != nil
				n = m
			}
			return true
		})
		if many {
			return nil, revoke.ErrChanged
		}
		if n == nil {
			return cur, nil
		}
	}
	data, err := cur.Set(n.Pointer, doc.String, strings.ReplaceAll(n.Text, vs[0], marker))
	if err != nil {
		return nil, err
	}
	return doc.ParseLimits(cur.Format, data, docLimits)
}

// moved returns where the value at a pointer of the planned file stands now: elements move when others before them go. It
// is "" when the value is no longer there, and an error when there are several that it could be.
func moved(planned, cur *doc.Doc, pointer string) (string, error) {
	was := planned.At(pointer)
	if was == nil {
		return "", revoke.ErrChanged
	}
	text := was.Compact()
	if n := cur.At(pointer); n != nil && n.Kind == was.Kind && n.Compact() == text {
		return pointer, nil
	}
	if planned == cur {
		return "", revoke.ErrChanged
	}
	found := map[string]bool{}
	cur.Root.Walk(func(n *doc.Node) bool {
		if n.Key == was.Key && n.Kind == was.Kind && shape(n.Pointer) == shape(pointer) && n.Compact() == text {
			found[n.Pointer] = true
		}
		return true
	})
	if len(found) > 1 {
		return "", revoke.ErrChanged
	}
	for p := range found {
		return p, nil
	}
	// What held it may have changed inside: a server that lost a secret is still that server.
	if n := cur.At(pointer); n != nil && n.Kind == was.Kind && n.Key == was.Key && n.Key != "" {
		return pointer, nil
	}
	return "", nil
}

// shape is a pointer without its indices.
func shape(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, p := range parts {
		if p != "" && strings.Trim(p, "0123456789") == "" {
			parts[i] = "#"
		}
	}
	return strings.Join(parts, "/")
}
