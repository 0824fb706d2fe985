package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// Pager says how a service divides a list into pages.
type Pager struct {
	// Items is the key under which the list stands in the answer: installations for {"total_count":2,"installations":[]}.
	// "": the answer is the list.
	Items string
	Most  int // pages; 0: 10,000. More are an error, for a list that does not end is no list

	first func(q url.Values)
	next  func(p page) (path string, q url.Values)
}

// page is what the way to the next one is found by.
type page struct {
	path  string
	q     url.Values
	resp  *Response
	data  []byte
	items int
}

// LinkPager follows the Link header (RFC 8288) to rel=next. size 0 leaves the page's size to the service.
func LinkPager(size int) Pager {
	return Pager{
		first: func(q url.Values) { setSize(q, "per_page", size) },
		next:  func(p page) (string, url.Values) { return NextLink(p.resp.Header.Values("Link")), nil },
	}
}

// PagePager counts pages with page and per_page: up to what X-Next-Page says, or where that is missing, until a page is
// not full.
func PagePager(size int) Pager { return NumberPager("page", "per_page", size) }

// NumberPager is a [PagePager] with other names: page and limit for Gitea.
func NumberPager(number, per string, size int) Pager {
	return Pager{
		first: func(q url.Values) { setSize(q, per, size) },
		next: func(p page) (string, url.Values) {
			next, told := p.resp.Header.Get("X-Next-Page"), len(p.resp.Header.Values("X-Next-Page")) > 0
			switch {
			case told && next == "", !told && (p.items < size || p.items == 0):
				return "", nil
			case !told:
				n, err := strconv.Atoi(p.q.Get(number))
				if err != nil {
					n = 1
				}
				next = strconv.Itoa(n + 1)
			}
			p.q.Set(number, next)
			return p.path, p.q
		},
	}
}

// BodyPager follows an address that stands in the answer itself. next finds it in the answer; "" ends the list.
func BodyPager(next func(data []byte) string) Pager {
	return Pager{first: func(url.Values) {}, next: func(p page) (string, url.Values) { return next(p.data), nil }}
}

// CursorPager asks for the next page by a word that stands in the answer: param is the name under which it is sent, next
// finds it; "" ends the list. size goes as limit; 0 leaves it to the service.
func CursorPager(param string, size int, next func(data []byte) string) Pager {
	return Pager{
		first: func(q url.Values) { setSize(q, "limit", size) },
		next: func(p page) (string, url.Values) {
			word := next(p.data)
			if word == "" {
				return "", nil
			}
			p.q.Set(param, word)
			return p.path, p.q
		},
	}
}

// In returns the pager for a list that stands under a key of the answer.
func (p Pager) In(key string) Pager { p.Items = key; return p }

func setSize(q url.Values, name string, size int) {
	if size > 0 && !q.Has(name) {
		q.Set(name, strconv.Itoa(size))
	}
}

const mostPages = 10_000

// Pages reads a list page by page and yields its items one by one: no more than one page is in memory. An error ends the
// list; what came before it holds. A page that leads back to one that was read, or to another host, is an error.
func Pages[T any](ctx context.Context, c *Client, path string, q url.Values, p Pager) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if p.next == nil {
			p = LinkPager(0).In(p.Items)
		}
		own := url.Values{}
		for k, v := range q {
			own[k] = v
		}
		p.first(own)
		most, seen := p.Most, map[string]bool{}
		if most <= 0 {
			most = mostPages
		}
		for n := 0; path != ""; n++ {
			at := path + "?" + own.Encode()
			if seen[at] || n >= most {
				yield(zero, fmt.Errorf("%s: %s: %w: its list does not end", c.c.Service, firstPart(path), ErrAnswer))
				return
			}
			seen[at] = true
			var data []byte
			resp, err := c.Get(ctx, path, own, &data)
			var items []T
			if err == nil {
				items, err = pageItems[T](data, p.Items, c.c.MaxDepth)
				if err != nil {
					err = &callError{c.c.Service, "GET", firstPart(path), err}
				}
			}
			if err != nil {
				yield(zero, err)
				return
			}
			for _, it := range items {
				if !yield(it, nil) {
					return
				}
			}
			path, own = p.next(page{path, own, resp, data, len(items)})
		}
	}
}

// firstPart is a path without its query, in which a cursor may stand.
func firstPart(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

func pageItems[T any](data []byte, key string, most int) ([]T, error) {
	var items []T
	if key == "" {
		return items, decode(data, &items, most)
	}
	var m map[string]json.RawMessage
	if err := decode(data, &m, most); err != nil {
		return nil, err
	}
	if m[key] == nil {
		return nil, fmt.Errorf("%w: %q is missing", ErrAnswer, key)
	}
	return items, decode(m[key], &items, most)
}

// NextLink returns the target of rel=next of Link headers, or "".
func NextLink(headers []string) string {
	for _, h := range headers {
		for h != "" {
			var target, params string
			var err error
			if target, params, h, err = cutLink(h); err != nil {
				break
			}
			if hasRel(params, "next") {
				return target
			}
		}
	}
	return ""
}

var errLink = errors.New("not a Link header")

// cutLink takes the first link off a header: <target>; param="value", ...
func cutLink(h string) (target, params, rest string, err error) {
	h = strings.TrimLeft(h, " \t,")
	if !strings.HasPrefix(h, "<") {
		return "", "", "", errLink
	}
	target, h, ok := strings.Cut(h[1:], ">")
	if !ok {
		return "", "", "", errLink
	}
	quoted := false
	for i := 0; i < len(h); i++ {
		switch {
		case quoted && h[i] == '\\':
			i++
		case h[i] == '"':
			quoted = !quoted
		case h[i] == ',' && !quoted:
			return target, h[:i], h[i+1:], nil
		}
	}
	return target, h, "", nil
}

func hasRel(params, want string) bool {
	for p := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(p, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for rel := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, want) {
				return true
			}
		}
	}
	return false
}
