package giteasim

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// page cuts a list as the request asks, and tells its whole length. links: some lists also tell the next page.
func page[T any](c *call, xs []T, links bool) []T {
	number, size := c.paging()
	if links {
		c.links(len(xs), number, size)
	}
	c.w.Header().Set("X-Total-Count", strconv.Itoa(len(xs)))
	c.w.Header().Set("Access-Control-Expose-Headers", "X-Total-Count")
	return cut(xs, number, size)
}

func cut[T any](xs []T, number, size int) []T {
	from := min((number-1)*size, len(xs))
	return xs[from:min(from+size, len(xs))]
}

func (c *call) paging() (number, size int) {
	number, _ = strconv.Atoi(c.r.FormValue("page"))
	size, _ = strconv.Atoi(c.r.FormValue("limit"))
	if size <= 0 {
		size = 30
	}
	return max(number, 1), min(size, c.s.w.PageMost)
}

func (c *call) links(total, number, size int) {
	last := max((total+size-1)/size, 1)
	var links []string
	add := func(n int, rel string) {
		q := url.Values{}
		for k, v := range c.r.URL.Query() {
			q[k] = v
		}
		q.Set("page", strconv.Itoa(n))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", c.s.w.Base, c.r.URL.Path, q.Encode(), rel))
	}
	if number < last {
		add(number+1, "next")
		add(last, "last")
	}
	if number > 1 {
		add(1, "first")
		add(number-1, "prev")
	}
	if len(links) > 0 {
		c.w.Header().Set("Link", strings.Join(links, ","))
	}
}
