package httpxtest_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

var token = "tok_" + "FAKE0123456789"

func client(t *testing.T, rt http.RoundTripper, f httpxtest.Fault) *httpx.Client {
	t.Helper()
	timeout := time.Duration(0)
	if f == httpxtest.Hang {
		timeout = time.Millisecond
	}
	c, err := httpx.New(httpx.Config{
		Service: "Forge", Base: "https://forge.example", Transport: rt, Sleep: httpxtest.NoSleep, Timeout: timeout, MaxBody: 1 << 20,
		Authorize: httpx.Bearer(httpx.Held(inventory.NewValue(token))),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var good = httpx.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[{"id":1}]`) }))

// Each fault is what it says, at the request that it is for, and no other; and no credential goes elsewhere.
func TestEachFault(t *testing.T) {
	for _, fault := range httpxtest.All() {
		t.Run(string(fault), func(t *testing.T) {
			f := httpxtest.Faults(good, 2, fault)
			rec := httpxtest.Record(f)
			c := client(t, rec, fault)
			for i, path := range []string{"/a", "/b", "/c", "/b"} {
				var items []struct{ ID int }
				_, err := c.Get(t.Context(), path, nil, &items)
				switch {
				case path == "/b" && !is(err, fault):
					t.Errorf("%v is not %s", err, fault)
				case path == "/c" && fault == httpxtest.TooMany: // a limit holds for all
				case path != "/b" && fault != httpxtest.Hang && (err != nil || len(items) != 1):
					t.Errorf("request %d: %v", i, err)
				}
			}
			if n := f.Requests(); n != 3 && fault != httpxtest.TooMany || f.Hit() != "GET /b" {
				t.Errorf("%d requests, hit %q", n, f.Hit())
			}
			rec.OnlyTo(t, "forge.example", token)
			rec.ReadsOnly(t)
		})
	}
}

func is(err error, f httpxtest.Fault) bool {
	switch f {
	case httpxtest.Hang:
		return errors.Is(err, httpx.ErrTimeout)
	case httpxtest.Cut:
		return errors.Is(err, httpx.ErrCut)
	case httpxtest.WrongJSON, httpxtest.NotJSON:
		return errors.Is(err, httpx.ErrAnswer)
	case httpxtest.HugeJSON, httpxtest.DeepJSON:
		return errors.Is(err, httpx.ErrTooLarge)
	case httpxtest.Elsewhere:
		return errors.Is(err, httpx.ErrRedirect)
	case httpxtest.TooMany:
		return errors.Is(err, httpx.ErrLimited)
	}
	return fmt.Sprint(httpx.Status(err)) == string(f)
}

func TestRecorder(t *testing.T) {
	rec := httpxtest.Record(good)
	c := client(t, rec, "")
	if _, err := c.Get(t.Context(), "/a?x=1", nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(httpx.Armed(t.Context(), "x"), httpx.Request{Method: "DELETE", Path: "/a", Anonymous: true}); err != nil {
		t.Fatal(err)
	}
	s := rec.Sent()
	if len(s) != 2 || s[0].String() != "GET forge.example/a" || !s[0].Credential || s[0].Query != "x=1" || s[1].Credential || s[1].Method != "DELETE" {
		t.Errorf("%+v", s)
	}
	var fails failures
	rec.OnlyTo(&fails, "other.example", token)
	rec.ReadsOnly(&fails)
	if fails.n != 3 {
		t.Errorf("%d of 3 told: a credential and a value for another host, and a DELETE", fails.n)
	}
	if rec.Reset(); len(rec.Sent()) != 0 {
		t.Error("it remembers")
	}
}

type failures struct {
	testing.TB
	n int
}

func (f *failures) Helper()               {}
func (f *failures) Errorf(string, ...any) { f.n++ }
