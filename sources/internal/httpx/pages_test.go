package httpx

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

type item struct {
	ID int `json:"id"`
}

// numbers answers a list of n items in pages of the size that is asked for.
func numbers(n int, wrap string, say func(w http.ResponseWriter, r *http.Request, page, size int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		var items []item
		for i := (page - 1) * size; i < min(n, page*size); i++ {
			items = append(items, item{i})
		}
		if say != nil {
			say(w, r, page, size)
		}
		if items == nil {
			items = []item{}
		}
		if wrap != "" {
			_ = json.NewEncoder(w).Encode(map[string]any{"total_count": n, wrap: items})
			return
		}
		_ = json.NewEncoder(w).Encode(items)
	}
}

func collect(t *testing.T, w *world, p Pager) ([]int, error) {
	t.Helper()
	var ids []int
	for it, err := range Pages[item](t.Context(), w.Client, "/list", url.Values{"state": {"all"}}, p) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, it.ID)
	}
	return ids, nil
}

func TestPages(t *testing.T) {
	link := func(n int) func(http.ResponseWriter, *http.Request, int, int) {
		return func(w http.ResponseWriter, r *http.Request, page, size int) {
			if page*size < n {
				u := *r.URL
				q := u.Query()
				q.Set("page", strconv.Itoa(page+1))
				u.RawQuery = q.Encode()
				w.Header().Add("Link", fmt.Sprintf(`<https://forge.example/api/v3/list?page=1>; rel="first", <%s>; rel="next"; title="a, b"`, u.String()))
			}
		}
	}
	header := func(n int) func(http.ResponseWriter, *http.Request, int, int) {
		return func(w http.ResponseWriter, _ *http.Request, page, size int) {
			next := ""
			if page*size < n {
				next = strconv.Itoa(page + 1)
			}
			w.Header().Set("X-Next-Page", next)
		}
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		p    Pager
		n    int
		asks int
	}{
		"link":                 {numbers(25, "", link(25)), LinkPager(10), 25, 3},
		"link, one page":       {numbers(4, "", link(4)), LinkPager(10), 4, 1},
		"link, none":           {numbers(0, "", nil), LinkPager(10), 0, 1},
		"link, below a key":    {numbers(11, "things", link(11)), LinkPager(10).In("things"), 11, 2},
		"number":               {numbers(25, "", nil), PagePager(10), 25, 3},
		"number, full":         {numbers(20, "", nil), PagePager(10), 20, 3},
		"number, told":         {numbers(20, "", header(20)), PagePager(10), 20, 2},
		"number, below a key":  {numbers(12, "data", nil), PagePager(10).In("data"), 12, 2},
		"the address in there": {numbers(7, "objects", nil), BodyPager(func([]byte) string { return "" }).In("objects"), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.h, nil)
			ids, err := collect(t, w, c.p)
			if err != nil || len(ids) != c.n || !slices.IsSorted(ids) || w.requests() != c.asks {
				t.Errorf("%v %v, asked %v", ids, err, w.paths)
			}
			for _, p := range w.paths {
				if !strings.Contains(p, "state=all") {
					t.Errorf("%s lost the query", p)
				}
			}
		})
	}
}

func TestPagesThatGoWrong(t *testing.T) {
	loop := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://forge.example/api/v3/list?page=2>; rel="next"`)
		fmt.Fprint(w, `[{"id":1}]`)
	}
	n := 0
	endless := func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("Link", fmt.Sprintf(`<https://forge.example/api/v3/list?page=%d>; rel="next"`, n))
		fmt.Fprint(w, `[{"id":1}]`)
	}
	away := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://evil.example/list?page=2>; rel="next"`)
		fmt.Fprint(w, `[{"id":1}]`)
	}
	broken := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(500)
			return
		}
		w.Header().Set("Link", `</api/v3/list?page=2>; rel="next"`)
		fmt.Fprint(w, `[{"id":1}]`)
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		p    Pager
		want error
		got  int
	}{
		"round":        {loop, LinkPager(0), ErrAnswer, 2},
		"endless":      {endless, Pager{Most: 3, first: LinkPager(0).first, next: LinkPager(0).next}, ErrAnswer, 3},
		"away":         {away, LinkPager(0), ErrRedirect, 1},
		"no key":       {numbers(3, "other", nil), LinkPager(5).In("things"), ErrAnswer, 0},
		"not a list":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"a":1}`) }, LinkPager(0), ErrAnswer, 0},
		"second fails": {broken, Pager{}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.h, nil)
			ids, err := collect(t, w, c.p)
			if name == "second fails" { // a relative link is of no use to the client: paths are below the base
				if Status(err) == 0 && err == nil {
					t.Errorf("%v %v", ids, err)
				}
				return
			}
			if !errors.Is(err, c.want) || len(ids) != c.got {
				t.Errorf("%v %v", ids, err)
			}
		})
	}
	t.Run("left early", func(t *testing.T) {
		w := newWorld(t, numbers(100, "", nil), nil)
		for range Pages[item](t.Context(), w.Client, "/list", nil, PagePager(10)) {
			break
		}
		if w.requests() != 1 {
			t.Errorf("%v", w.paths)
		}
	})
}

func TestNextLink(t *testing.T) {
	for header, want := range map[string]string{
		`<https://a/x?page=2>; rel="next"`:                                     "https://a/x?page=2",
		`<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next"`:   "https://a/x?page=3",
		`<https://a/1>; rel="last next"`:                                       "https://a/1",
		`<https://a/1>; REL=Next`:                                              "https://a/1",
		`<https://a/a,b>; title="x, <https://evil/>; rel=\"next\""; rel=first`: "",
		`<https://a/1>`:              "",
		`https://a/1; rel="next"`:    "",
		`<https://a/1; rel="next"`:   "",
		"":                           "",
		`, ,<https://a/1>;rel=next,`: "https://a/1",
	} {
		if got := NextLink([]string{header}); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func FuzzNextLink(f *testing.F) {
	for _, s := range []string{`<https://a/x?page=2>; rel="next"`, `<a>; rel="prev", <b>; rel=next`, `<`, `<>;rel="next`, `,,<a>;x="\"`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := NextLink([]string{s}); !strings.Contains(s, got) {
			t.Errorf("%q is not in %q", got, s)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"0", "120", "Fri, 27 Nov 2026 12:00:40 GMT", "-1", "1e9", "99999999999999999999", " 7 ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseRetryAfter(s, start)
		if d < 0 || d > 366*24*time.Hour || !ok && d != 0 {
			t.Errorf("%q: %v %v", s, d, ok)
		}
	})
}

func FuzzDepth(f *testing.F) {
	for _, s := range []string{`[]`, `[[[[[`, `{"a":{"b":[1]}}`, `"[[["`, `"\"[["`, `}}}}[`, `"\`} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, most int) {
		most = min(max(most, 1), 100)
		var v any
		if json.Unmarshal(data, &v) != nil {
			_ = deep(data, most)
			return
		}
		if got := deep(data, most) == nil; got != (depthOf(v) <= most) {
			t.Errorf("%s: taken %v, its depth is %d of %d", data, got, depthOf(v), most)
		}
	})
}

func depthOf(v any) int {
	d := 0
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			d = max(d, depthOf(e))
		}
		return d + 1
	case map[string]any:
		for _, e := range x {
			d = max(d, depthOf(e))
		}
		return d + 1
	}
	return 0
}

func TestCache(t *testing.T) {
	n := 0
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Link", `<https://forge.example/api/v3/list?page=2>; rel="next"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.Header().Del("Link")
			w.WriteHeader(304)
			return
		}
		n++
		fmt.Fprintf(w, `{"id":%d}`, n)
	}
	w := newWorld(t, h, func(c *Config) { c.Cache = NewCache(1 << 20) })
	read := func(r Request) (int, *Response) {
		var it item
		r.Path, r.Into = "/x", &it
		resp, err := w.Do(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return it.ID, resp
	}
	if id, resp := read(Request{}); id != 1 || resp.FromCache {
		t.Errorf("%d %+v", id, resp)
	}
	id, resp := read(Request{})
	if id != 1 || !resp.FromCache || resp.Status != 200 || NextLink(resp.Header.Values("Link")) == "" {
		t.Errorf("%d %+v", id, resp)
	}
	if id, resp := read(Request{As: Bearer(Held(inventory.NewValue("oth_" + "FAKE")))}); id != 2 || resp.FromCache {
		t.Errorf("somebody else got %d %+v", id, resp)
	}
	if id, resp := read(Request{Anonymous: true}); id != 3 || resp.FromCache {
		t.Errorf("nobody got %d %+v", id, resp)
	}
	if id, resp := read(Request{Header: http.Header{"Accept": {"text/x"}}}); id != 4 || resp.FromCache {
		t.Errorf("another type: %d %+v", id, resp)
	}
	if id, _ := read(Request{}); id != 1 {
		t.Errorf("%d", id)
	}
}

func TestCacheKeepsNoMoreThanItMay(t *testing.T) {
	c := NewCache(10_000).(*lru)
	for i := range 100 {
		c.Put(fmt.Sprint("key ", i), Entry{Body: make([]byte, 1000)})
		if c.size > 10_000 {
			t.Fatalf("%d bytes", c.size)
		}
	}
	if _, ok := c.Get("key 99"); !ok {
		t.Error("the newest is gone")
	}
	if _, ok := c.Get("key 0"); ok {
		t.Error("the oldest is there")
	}
	if c.Put("large", Entry{Body: make([]byte, 9000)}); c.order.Len() < 5 {
		t.Error("one large answer pushed the others out")
	}
	c.Put("key 99", Entry{Body: []byte("new")})
	if e, ok := c.Get("key 99"); !ok || string(e.Body) != "new" {
		t.Errorf("%s", e.Body)
	}
	for name, r := range map[string]*http.Response{
		"nothing to ask by": {StatusCode: 200, Header: http.Header{}}, "no-store": {StatusCode: 200, Header: http.Header{"Etag": {"1"}, "Cache-Control": {"private, no-store"}}},
		"an error": {StatusCode: 404, Header: http.Header{"Etag": {"1"}}},
	} {
		if _, ok := newEntry(r, nil); ok {
			t.Errorf("%s: kept", name)
		}
	}
}
