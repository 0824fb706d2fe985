package local

import (
	"strconv"
	"strings"
	"time"

	"nhitop/sources/internal/doc"
)

// beside returns the text at a pointer that is relative to the node's parent, or absolute.
func (f *credentialFile) beside(n *doc.Node, pointer string) string {
	if pointer == "" {
		return ""
	}
	if !strings.HasPrefix(pointer, "/") {
		parent := n.Pointer[:max(strings.LastIndexByte(n.Pointer, '/'), 0)]
		pointer = parent + "/" + pointer
	}
	if t := f.d.At(pointer); t != nil {
		if t.Kind == doc.Array {
			return strings.Join(t.Strings(), " ")
		}
		return t.Text
	}
	return ""
}

func at(n *doc.Node, key string) string {
	if c := n.Get(key); c != nil {
		return c.Text
	}
	return ""
}

// firstOf returns the first member of those names that has a text.
func firstOf(n *doc.Node, keys ...string) string {
	for _, k := range keys {
		if t := at(n, k); t != "" {
			return t
		}
	}
	return ""
}

// hostAbove returns the nearest key above a value that reads as a host: /hosts/gitlab.com/token.
func hostAbove(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i := len(parts) - 2; i > 0; i-- {
		if k := hostOf(doc.Unescape(parts[i])); k != "" {
			return k
		}
	}
	return ""
}

// hostOf takes the host out of a URL or a text that begins with one; "" where there is none.
func hostOf(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.TrimPrefix(s, "//")
	if i := strings.IndexAny(s, "/:?"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if !strings.Contains(s, ".") || strings.ContainsAny(s, " \t\"'") || strings.HasPrefix(s, ".") {
		return ""
	}
	return s
}

// noUsers are names that stand where a user does and name nobody.
var noUsers = map[string]bool{"__token__": true, "oauth2": true, "x-access-token": true, "x-oauth-basic": true, "<token>": true,
	"_json_key": true, "token": true, "gitlab-ci-token": true}

// fullAccount writes a user of a host as user@host; a user that is an address already stays so.
func fullAccount(user, host string) string {
	switch {
	case noUsers[user]:
		return host
	case host == "" || strings.Contains(user, "@"):
		return user
	case user == "":
		return host
	}
	return user + "@" + host
}

func joinNotes(notes ...string) string {
	var kept []string
	for _, n := range notes {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, "; ")
}

// instant reads a time as products write it: RFC 3339 and its near forms, or seconds or milliseconds since 1970.
func instant(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05UTC", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05.999999",
		"2006-01-02 15:04:05", time.DateOnly, time.RFC822, time.RFC1123} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	const year2200, firstMillis = 7258118400, 1e11
	if err != nil || !(n > 0) {
		return time.Time{}, false
	}
	if n > firstMillis {
		n /= 1000
	}
	if n >= year2200 {
		return time.Time{}, false
	}
	return time.Unix(int64(n), 0).UTC(), true
}

// members returns what hangs below a node that may not be there.
func members(n *doc.Node) []*doc.Node {
	if n == nil {
		return nil
	}
	return n.Children
}
