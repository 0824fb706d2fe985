package gitlabsim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultPage = 20
	mostPage    = 100
	// countable is the number of things above which GitLab counts no more: x-total and x-total-pages are left out.
	countable = 10_000
	// farthest is the last offset of a list of projects; what is beyond needs keyset pages.
	farthest = 50_000
)

// page answers with one page of a list, by number or, where asked, by the last id (keyset). id gives the id of an item;
// nil where keyset is not to be had.
func page[T any](c *call, items []T, id func(T) int) reply {
	q := c.r.URL.Query()
	per := atoi(q.Get("per_page"), defaultPage)
	if per < 1 {
		per = defaultPage
	}
	per = min(per, mostPage)
	if q.Get("pagination") == "keyset" && id != nil {
		return keyset(c, items, id, q, per)
	}
	n := max(atoi(q.Get("page"), 1), 1)
	from := (n - 1) * per
	if id != nil && from > farthest {
		return reply{http.StatusMethodNotAllowed, word{Error: "Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Project. Remaining records can be retrieved using keyset pagination."}, nil}
	}
	h := http.Header{}
	h.Set("X-Page", strconv.Itoa(n))
	h.Set("X-Per-Page", strconv.Itoa(per))
	total := len(items)
	last := max(1, (total+per-1)/per)
	if total <= countable {
		h.Set("X-Total", strconv.Itoa(total))
		h.Set("X-Total-Pages", strconv.Itoa(last))
	}
	next, prev := "", ""
	var links []string
	link := func(page int, rel string) {
		q.Set("page", strconv.Itoa(page))
		q.Set("per_page", strconv.Itoa(per))
		links = append(links, "<"+c.base()+"?"+q.Encode()+`>; rel="`+rel+`"`)
	}
	if n < last {
		next = strconv.Itoa(n + 1)
		link(n+1, "next")
	}
	if n > 1 {
		prev = strconv.Itoa(n - 1)
		link(n-1, "prev")
	}
	link(1, "first")
	if total <= countable {
		link(last, "last")
	}
	h.Set("X-Next-Page", next)
	h.Set("X-Prev-Page", prev)
	h.Set("Link", strings.Join(links, ", "))
	from = min(from, total)
	return reply{http.StatusOK, list(items[from:min(from+per, total)]), h}
}

// keyset answers with what follows the last id.
func keyset[T any](c *call, items []T, id func(T) int, q url.Values, per int) reply {
	after := atoi(q.Get("id_after"), 0)
	var out []T
	more := false
	for _, x := range items {
		if id(x) <= after {
			continue
		}
		if len(out) == per {
			more = true
			break
		}
		out = append(out, x)
	}
	h := http.Header{}
	h.Set("X-Per-Page", strconv.Itoa(per))
	if more {
		q.Set("id_after", strconv.Itoa(id(out[len(out)-1])))
		q.Set("per_page", strconv.Itoa(per))
		h.Set("Link", "<"+c.base()+"?"+q.Encode()+`>; rel="next"`)
	}
	return reply{http.StatusOK, list(out), h}
}

// list is never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// base is the address of what was asked for.
func (c *call) base() string {
	scheme := "https"
	if c.r.TLS == nil && strings.HasPrefix(c.r.Host, "127.") {
		scheme = "http"
	}
	return scheme + "://" + c.r.Host + c.r.URL.EscapedPath()
}

func atoi(s string, or int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return or
}

// is reads a switch of the query.
func (c *call) is(name string) bool { return c.r.URL.Query().Get(name) == "true" }
