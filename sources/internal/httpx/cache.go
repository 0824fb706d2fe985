package httpx

import (
	"bytes"
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Cache keeps answers for conditional requests (RFC 9110, 13). It is in memory alone: an answer may hold what should not
// lie on a disk. Its methods may be called from several goroutines.
type Cache interface {
	Get(key string) (Entry, bool)
	Put(key string, e Entry)
}

// Entry is one answer that may be asked for again on condition.
type Entry struct {
	Header http.Header // ETag, Last-Modified and what pages are found by
	Body   []byte      // must not be changed
}

// keptHeaders are those of an answer that a 304 need not repeat and that somebody looks at.
var keptHeaders = []string{"Etag", "Last-Modified", "Link", "Content-Type", "X-Next-Page", "X-Total-Pages", "X-Total", "X-Total-Count"}

func newEntry(resp *http.Response, data []byte) (Entry, bool) {
	if resp.StatusCode != http.StatusOK || strings.Contains(resp.Header.Get("Cache-Control"), "no-store") {
		return Entry{}, false
	}
	e := Entry{Header: http.Header{}, Body: data}
	for _, k := range keptHeaders {
		if v := resp.Header.Values(k); len(v) > 0 {
			e.Header[k] = slices.Clone(v)
		}
	}
	return e, e.Header.Get("Etag") != "" || e.Header.Get("Last-Modified") != ""
}

// ask puts the condition into a request.
func (e Entry) ask(h http.Header) {
	if tag := e.Header.Get("Etag"); tag != "" {
		h.Set("If-None-Match", tag)
	} else {
		h.Set("If-Modified-Since", e.Header.Get("Last-Modified"))
	}
}

// cacheSalt keeps the keys of a cache, which end in a fingerprint of the credential, from meaning anything elsewhere.
var cacheSalt = func() []byte {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // it does not fail
	return b
}()

// cacheKey is method and address, and all that is sent with it: an answer to one credential, or of one type, is none to
// another.
func cacheKey(r *http.Request) string {
	m := hmac.New(sha256.New, cacheSalt)
	_ = r.Header.Write(m) // in the order of the names
	return strings.Join([]string{r.Method, r.URL.String(), hex.EncodeToString(m.Sum(nil))}, " ")
}

// NewCache makes a cache that holds at most so many bytes of answers; what was not asked for longest goes first.
func NewCache(maxBytes int) Cache {
	return &lru{most: maxBytes, at: map[string]*list.Element{}, order: list.New()}
}

type lru struct {
	mu    sync.Mutex
	most  int
	size  int
	at    map[string]*list.Element
	order *list.List // of *kept, the last used first
}

type kept struct {
	key   string
	entry Entry
}

const entryCost = 512 // bytes for headers and lists, about

func (k *kept) size() int { return len(k.key) + len(k.entry.Body) + entryCost }

func (l *lru) Get(key string) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.at[key]
	if !ok {
		return Entry{}, false
	}
	l.order.MoveToFront(e)
	k, _ := e.Value.(*kept)
	return k.entry, true
}

func (l *lru) Put(key string, e Entry) {
	k := &kept{key, e}
	l.mu.Lock()
	defer l.mu.Unlock()
	if old, ok := l.at[key]; ok {
		l.drop(old)
	}
	if k.size() > l.most/4 { // one large answer must not push all others out
		return
	}
	l.at[key] = l.order.PushFront(k)
	l.size += k.size()
	for l.size > l.most {
		l.drop(l.order.Back())
	}
}

func (l *lru) drop(e *list.Element) {
	k, _ := l.order.Remove(e).(*kept)
	delete(l.at, k.key)
	l.size -= k.size()
}

// peek returns the body of an answer that is in memory, and leaves it to be read again.
func peek(resp *http.Response) []byte {
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return data
}
