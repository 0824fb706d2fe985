package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
)

func TestGet(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Seen", "1")
		fmt.Fprintf(rw, `{"path":%q,"accept":%q}`, r.URL.RequestURI(), r.Header.Get("Accept"))
	}, func(c *Config) { c.Header = http.Header{"X-Version": {"3"}} })
	var got struct{ Path, Accept string }
	resp, err := w.Get(t.Context(), Path("/orgs/%s/x/%s", "a/b", ".."), url.Values{"q": {"a b"}}, &got)
	if err != nil || got.Path != "/api/v3/orgs/a%2Fb/x/%2E%2E?q=a+b" || resp.Status != 200 || resp.Header.Get("X-Seen") != "1" {
		t.Fatalf("%+v %+v %v", got, resp, err)
	}
	h := w.seen[0]
	if h.Get("Authorization") != "Bearer "+token || h.Get("User-Agent") != "nhitop/test" || h.Get("X-Version") != "3" || got.Accept != "application/json" {
		t.Errorf("%v", h)
	}
	var raw []byte
	if _, err := w.Do(t.Context(), Request{Path: "/x", Into: &raw, Header: http.Header{"accept": {"text/plain"}}}); err != nil || !bytes.Contains(raw, []byte("text/plain")) {
		t.Errorf("%s %v", raw, err)
	}
}

func TestBase(t *testing.T) {
	for base, want := range map[string]string{
		"https://forge.example": "", "https://forge.example:8443/api/": "", "http://127.0.0.1:3000": "", "http://localhost": "", "http://[::1]:1": "",
		"": "url: is needed", "http://forge.example": "url: plain http is for loopback alone", "http://127.0.0.1.example": "url: plain http",
		"ftp://forge.example": "url: must begin with https://", "forge.example": "url: not an address", "https:///x": "url: not an address",
		"https://me:" + token + "@forge.example": "url: must not hold a name or a password", "https://forge.example/?t=" + token: "url: ends with the path",
		"https://forge.example/%zz" + token: "url: not an address",
	} {
		_, err := New(Config{Service: "Forge", Base: base})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", base, err)
			}
			continue
		}
		contains(t, err, want)
	}
}

// What changes something is not sent unless it is armed, whatever else holds.
func TestUnsafeMethodsAreRefused(t *testing.T) {
	w := newWorld(t, script(status(204, "")), func(c *Config) { c.ReadPosts = []string{"/graphql"} })
	for _, r := range []Request{
		{Method: "DELETE", Path: "/x"}, {Method: "POST", Path: "/x"}, {Method: "PUT", Path: "/x"}, {Method: "PATCH", Path: "/x", Idempotent: true},
		{Method: "DELETE", Path: "/graphql"}, {Method: "POST", Path: "/graphql/x"}, {Method: "get", Path: "/x"}, {Method: "CONNECT", Path: "/x"},
	} {
		if _, err := w.Do(t.Context(), r); !errors.Is(err, ErrUnarmed) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if w.requests() != 0 {
		t.Fatalf("sent: %v", w.paths)
	}
	for _, r := range []Request{{Method: "HEAD", Path: "/x"}, {Method: "OPTIONS", Path: "/x"}, {Method: "POST", Path: "/graphql", Body: map[string]string{"query": "{}"}}} {
		if _, err := w.Do(t.Context(), r); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := w.Do(Armed(t.Context(), "step 1"), Request{Method: "DELETE", Path: "/x"}); err != nil {
		t.Error(err)
	}
	if w.requests() != 4 {
		t.Errorf("sent: %v", w.paths)
	}
	// The door below holds by itself.
	req, err := http.NewRequestWithContext(context.WithValue(t.Context(), flightKey{}, &flight{c: w.Client, ctx: t.Context()}), "DELETE", "https://forge.example/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (attempt{w.Client}).RoundTrip(req); !errors.Is(err, ErrUnarmed) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsSentAgain(t *testing.T) {
	ok := status(200, `{}`)
	get, kill, twice := Request{Path: "/x"}, Request{Method: "DELETE", Path: "/x"}, Request{Method: "DELETE", Path: "/x", Idempotent: true}
	for name, c := range map[string]struct {
		r       Request
		first   func(http.ResponseWriter)
		times   int // how often the first answer comes; 9: always
		arrived int
		status  int // of the error; 0: none
	}{
		"502 then good":            {get, status(502, ""), 1, 2, 0},
		"503 twice":                {get, status(503, ""), 2, 3, 0},
		"504 for ever":             {get, status(504, ""), 9, maxTries, 504},
		"500 is an answer":         {get, status(500, `{"message":"broken"}`), 9, 1, 500},
		"404 is an answer":         {get, status(404, ""), 9, 1, 404},
		"401 is an answer":         {get, status(401, ""), 9, 1, 401},
		"403 is an answer":         {get, status(403, `{"message":"no permission"}`), 9, 1, 403},
		"cut then good":            {get, cutOff, 1, 2, 0},
		"cut for ever":             {get, cutOff, 9, maxTries, -1},
		"429 then good":            {get, status(429, "", "Retry-After", "7"), 1, 2, 0},
		"a kill, 503":              {kill, status(503, ""), 1, 1, 503},
		"a kill, 429":              {kill, status(429, "", "Retry-After", "7"), 1, 1, 429},
		"a kill, cut":              {kill, cutOff, 1, 1, -1},
		"a kill, 500":              {kill, status(500, ""), 1, 1, 500},
		"a kill that may, 503":     {twice, status(503, ""), 1, 2, 0},
		"a kill that may, 429":     {twice, status(429, "", "Retry-After", "7"), 1, 2, 0},
		"a kill that may, cut":     {twice, cutOff, 1, 2, 0},
		"a kill that may, not 500": {twice, status(500, ""), 1, 1, 500},
	} {
		t.Run(name, func(t *testing.T) {
			answers := slices.Repeat([]func(http.ResponseWriter){c.first}, c.times)
			if c.times < 9 {
				answers = append(answers, ok)
			}
			w := newWorld(t, script(answers...), nil)
			_, err := w.Do(Armed(t.Context(), "test"), c.r)
			if w.requests() != c.arrived {
				t.Errorf("arrived: %v, want %d", w.paths, c.arrived)
			}
			switch {
			case c.status == 0 && err != nil, c.status > 0 && Status(err) != c.status, c.status < 0 && !errors.Is(err, ErrCut):
				t.Errorf("%v", err)
			}
			for _, d := range w.slept {
				if d <= 0 || d > 8*time.Second {
					t.Errorf("waited %v", w.slept)
				}
			}
		})
	}
}

func TestBodiesAreSentAgainWhole(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	n := 0
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(b))
		if n++; n < 3 {
			rw.WriteHeader(503)
		}
	}, nil)
	_, err := w.Do(Armed(t.Context(), "test"), Request{Method: "POST", Path: "/x", Body: map[string]any{"credentials": []string{"{secret}"}}, Secret: inventory.NewValue(token + `"<`), Idempotent: true})
	want := `{"credentials":["` + token + `\"\u003c"]}`
	if err != nil || len(bodies) != 3 || bodies[0] != want || bodies[2] != want {
		t.Errorf("%q %v", bodies, err)
	}
}

func TestRetryAfter(t *testing.T) {
	date := func(t time.Time) string { return t.Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		headers []string
		want    time.Duration
		limited bool
	}{
		"seconds":                 {[]string{"Retry-After", "40"}, 40 * time.Second, false},
		"date":                    {[]string{"Retry-After", date(start.Add(90 * time.Second))}, 90 * time.Second, false},
		"date of the other clock": {[]string{"Date", date(start.Add(time.Hour)), "Retry-After", date(start.Add(time.Hour + 30*time.Second))}, 30 * time.Second, false},
		"date that is past":       {[]string{"Retry-After", date(start.Add(-time.Hour))}, time.Second, false},
		"zero":                    {[]string{"Retry-After", "0"}, time.Second, false},
		"too long":                {[]string{"Retry-After", "7200"}, 0, true},
		"a number too large":      {[]string{"Retry-After", strings.Repeat("9", 40)}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, script(status(429, "", c.headers...), status(200, "{}")), nil)
			_, err := w.Get(t.Context(), "/x", nil, nil)
			if errors.Is(err, ErrLimited) != c.limited || !c.limited && (err != nil || w.total() != c.want) {
				t.Errorf("%v, waited %v", err, w.slept)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	in := func(d time.Duration) string { return strconv.FormatInt(start.Add(d).Unix(), 10) }
	ok := status(200, "{}")
	for name, c := range map[string]struct {
		first   func(http.ResponseWriter)
		want    time.Duration
		arrived int
		why     string
	}{
		"primary, 403":              {status(403, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(40*time.Second)), 41 * time.Second, 2, "waiting 41 s for Forge (its rate limit is used up)"},
		"primary, 429":              {status(429, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(5*time.Minute)), 301 * time.Second, 2, "waiting 6 min for Forge"},
		"secondary with a time":     {status(403, "", "Retry-After", "30"), 30 * time.Second, 2, "waiting 30 s for Forge (it asks to slow down)"},
		"secondary by its words":    {status(403, `{"message":"You have exceeded a secondary rate limit. Please wait."}`), time.Minute, 2, "waiting 60 s for Forge"},
		"the last one was answered": {status(200, "{}", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(20*time.Second)), 0, 1, ""},
		"no limit but a refusal":    {status(403, `{"message":"Resource not accessible"}`, "X-RateLimit-Remaining", "17", "X-RateLimit-Reset", in(time.Hour)), 0, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, script(c.first, ok), func(c *Config) { c.Limits = GitHubLimits })
			_, err := w.Get(t.Context(), "/x", nil, nil)
			if w.requests() != c.arrived || w.total() != c.want || (err != nil) != (name == "no limit but a refusal") {
				t.Errorf("%v, arrived %v, waited %v", err, w.paths, w.slept)
			}
			if told := strings.Join(w.told, "\n"); !strings.Contains(told, c.why) || c.why == "" && told != "" {
				t.Errorf("told: %q", told)
			}
		})
	}
	t.Run("the next request waits", func(t *testing.T) {
		w := newWorld(t, script(status(200, "{}", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(20*time.Second)), ok), func(c *Config) { c.Limits = GitHubLimits })
		for _, p := range []string{"/x", "/graphql", "/x"} {
			if _, err := w.Get(t.Context(), p, nil, nil); err != nil {
				t.Fatal(err)
			}
			if waits := len(w.slept); waits != map[int]int{1: 0, 2: 0, 3: 1}[w.requests()] {
				t.Errorf("after %v waited %v: another counter is another limit", w.paths, w.slept)
			}
		}
	})
	t.Run("too long", func(t *testing.T) {
		w := newWorld(t, script(status(403, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", in(time.Hour))), func(c *Config) { c.Limits = GitHubLimits })
		for range 2 {
			_, err := w.Get(t.Context(), "/x", nil, nil)
			if !errors.Is(err, ErrLimited) || len(w.slept) > 0 {
				t.Errorf("%v, waited %v", err, w.slept)
			}
		}
		if w.requests() != 1 {
			t.Errorf("%v: it was asked again although the limit is known", w.paths)
		}
	})
	t.Run("for ever", func(t *testing.T) {
		w := newWorld(t, script(status(429, "", "Retry-After", "1")), nil)
		if _, err := w.Get(t.Context(), "/x", nil, nil); !errors.Is(err, ErrLimited) || w.requests() != maxWaits+1 {
			t.Errorf("%v after %d requests", err, w.requests())
		}
	})
}

// Who waits for a limit keeps nobody from another counter.
func TestALimitHoldsNoSlot(t *testing.T) {
	waiting, open := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/x") {
			status(200, "{}", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(start.Add(time.Minute).Unix(), 10))(rw)
		}
	}, func(c *Config) {
		c.Concurrency, c.Limits = 1, GitHubLimits
		c.Sleep = func(ctx context.Context, _ time.Duration) error { close(waiting); <-open; return ctx.Err() }
	})
	if _, err := w.Get(t.Context(), "/x", nil, nil); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := w.Get(t.Context(), "/x", nil, nil)
		done <- err
	}()
	<-waiting
	if _, err := w.Get(t.Context(), "/graphql", nil, nil); err != nil {
		t.Error(err)
	}
	close(open)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(w.slots) != 0 {
		t.Error("a slot is held")
	}
}

func TestOwnPace(t *testing.T) {
	w := newWorld(t, script(status(200, "{}")), func(c *Config) { c.Limits = Limits{PerSecond: 2, Burst: 3} })
	for range 7 {
		if _, err := w.Get(t.Context(), "/x", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if w.total() != 2*time.Second { // three at once, then four at two a second
		t.Errorf("waited %v", w.slept)
	}
}

func TestConcurrency(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	gate := make(chan struct{})
	w := newWorld(t, func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		full := now == 2
		mu.Unlock()
		if full {
			close(gate)
		}
		<-gate
		mu.Lock()
		now--
		mu.Unlock()
	}, func(c *Config) { c.Concurrency = 2 })
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _, _ = w.Get(t.Context(), "/x", nil, nil) })
	}
	wg.Wait()
	gate = make(chan struct{})
	close(gate)
	if most != 2 || cap(w.slots) != 2 {
		t.Errorf("%d at once", most)
	}
}

func TestTimeOut(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	w := newWorld(t, hang, func(c *Config) { c.Timeout = time.Millisecond })
	_, err := w.Get(t.Context(), "/x", nil, nil)
	if !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || w.requests() != maxTries {
		t.Errorf("%v after %d", err, w.requests())
	}
	slow := func(rw http.ResponseWriter, r *http.Request) { // the body hangs
		_, _ = fmt.Fprint(rw, "[")
		<-r.Context().Done()
	}
	w = newWorld(t, slow, func(c *Config) { c.Timeout = time.Millisecond })
	if _, err := w.Get(t.Context(), "/x", nil, nil); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	w = newWorld(t, hang, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for w.requests() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := w.Get(ctx, "/x", nil, nil); !errors.Is(err, context.Canceled) || w.requests() != 1 {
		t.Errorf("%v after %d", err, w.requests())
	}
}

func TestSizeAndDepth(t *testing.T) {
	for name, c := range map[string]struct {
		h    func(http.ResponseWriter)
		want error
	}{
		"fits":                 {status(200, "["+strings.Repeat(" ", 97)+"1]"), nil},
		"larger":               {status(200, "["+strings.Repeat(" ", 200)+"]"), ErrTooLarge},
		"larger, error":        {status(500, strings.Repeat(" ", 200)), ErrTooLarge},
		"deep":                 {status(200, strings.Repeat("[", 9)+strings.Repeat("]", 9)), ErrTooLarge},
		"deep objects":         {status(200, strings.Repeat(`{"a":`, 9)+"1"+strings.Repeat("}", 9)), ErrTooLarge},
		"brackets in a string": {status(200, `["[[[[[[[[[[\"[[[[[["]`), nil},
		"wide":                 {status(200, "["+strings.Repeat("[],", 30)+"[]]"), nil},
		"not JSON":             {status(200, "<html>"), ErrAnswer},
		"nothing":              {status(200, ""), ErrAnswer},
		"another type":         {status(200, `"`+token+`"`), ErrAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, script(c.h), func(c *Config) { c.MaxBody, c.MaxDepth = 100, 8 })
			var into []any
			_, err := w.Get(t.Context(), "/x", nil, &into)
			if !errors.Is(err, c.want) || w.requests() != 1 {
				t.Errorf("%v after %d", err, w.requests())
			}
			if c.want != nil {
				contains(t, err, "Forge: GET /api/v3/x: ")
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	for name, c := range map[string]struct {
		r       Request
		to      string
		status  int
		arrived int
		want    error
	}{
		"same host":                    {Request{Path: "/a"}, "/api/v3/b", 301, 2, nil},
		"same host, in full":           {Request{Path: "/a"}, "https://FORGE.example:443/b", 302, 2, nil},
		"elsewhere":                    {Request{Path: "/a"}, "https://evil.example/b", 302, 1, ErrRedirect},
		"another port":                 {Request{Path: "/a"}, "https://forge.example:444/b", 302, 1, ErrRedirect},
		"below":                        {Request{Path: "/a"}, "https://x.forge.example/b", 302, 1, ErrRedirect},
		"without TLS":                  {Request{Path: "/a"}, "http://forge.example/b", 302, 1, ErrRedirect},
		"with a name":                  {Request{Path: "/a"}, "https://a:b@forge.example/b", 302, 1, ErrRedirect},
		"another scheme":               {Request{Path: "/a"}, "file:///etc/passwd", 302, 1, ErrRedirect},
		"anonymous, elsewhere":         {Request{Path: "/a", Anonymous: true}, "https://other.example/b", 307, 2, nil},
		"anonymous, without TLS":       {Request{Path: "/a", Anonymous: true}, "http://other.example/b", 302, 1, ErrRedirect},
		"anonymous, to an address":     {Request{Path: "/a", Anonymous: true}, "https://169.254.169.254/b", 302, 1, ErrRedirect},
		"anonymous, to this machine":   {Request{Path: "/a", Anonymous: true}, "http://127.0.0.1/b", 302, 1, ErrRedirect},
		"anonymous, but as somebody":   {Request{Path: "/a", Anonymous: true, As: Bearer(Held(inventory.NewValue(token)))}, "https://other.example/b", 302, 1, ErrRedirect},
		"anonymous, secret in path":    {Request{Path: "/a/{secret}", Anonymous: true, Secret: inventory.NewValue(token)}, "https://other.example/b", 302, 1, ErrRedirect},
		"a kill":                       {Request{Method: "DELETE", Path: "/a", Idempotent: true}, "/api/v3/b", 307, 1, ErrRedirect},
		"round and round":              {Request{Path: "/a"}, "/api/v3/a", 302, maxRedirects, ErrRedirect},
		"no address":                   {Request{Path: "/a"}, "https://[", 302, 0, errors.ErrUnsupported},
		"a page link to another host":  {Request{Path: "https://evil.example/a"}, "", 200, 0, ErrRedirect},
		"a page link of the same host": {Request{Path: "https://forge.example/api/v3/a?page=2"}, "", 200, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var hosts []string
			w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
				hosts = append(hosts, r.Host)
				if r.Host != "forge.example" && r.Host != "FORGE.example:443" && r.Header.Get("Authorization") != "" {
					t.Errorf("the credential went to %s", r.Host)
				}
				if c.to != "" && (strings.HasSuffix(r.URL.Path, "/a") || strings.Contains(r.URL.Path, "/a/")) {
					rw.Header().Set("Location", c.to)
					rw.WriteHeader(c.status)
				}
			}, nil)
			_, err := w.Do(Armed(t.Context(), "test"), c.r)
			if name == "no address" {
				if err == nil {
					t.Error("taken")
				}
				return
			}
			if !errors.Is(err, c.want) || w.requests() != c.arrived {
				t.Errorf("%v, arrived %v", err, hosts)
			}
			if err != nil && strings.Contains(err.Error(), token[4:10]) {
				t.Errorf("%v", err)
			}
			if c.arrived == 2 && c.r.Anonymous == (w.seen[1].Get("Authorization") != "") {
				t.Errorf("at %v the credential was there: %v", hosts, !c.r.Anonymous)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	other := inventory.NewValue("oth_" + "FAKE987654321")
	for name, c := range map[string]struct {
		r      Request
		header string
		want   string
	}{
		"the client's":   {Request{Path: "/x"}, "Authorization", "Bearer " + token},
		"another":        {Request{Path: "/x", As: Header("Private-Token", "", Held(other))}, "Private-Token", other.Reveal()},
		"not both":       {Request{Path: "/x", As: Header("Private-Token", "", Held(other))}, "Authorization", ""},
		"none":           {Request{Path: "/x", Anonymous: true}, "Authorization", ""},
		"name, password": {Request{Path: "/x", As: Basic("me", Held(inventory.NewValue("FAKE")))}, "Authorization", "Basic bWU6RkFLRQ=="},
	} {
		w := newWorld(t, script(status(200, "{}")), nil)
		if _, err := w.Do(t.Context(), c.r); err != nil || w.seen[0].Get(c.header) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t, script(status(200, "{}")), func(c *Config) {
		c.Authorize = Bearer(func(context.Context) (inventory.Value, error) {
			return inventory.Value{}, errors.New("env X: the variable is not set")
		})
	})
	_, err := w.Get(t.Context(), "/x", nil, nil)
	contains(t, err, "Forge: GET /api/v3/x: cannot be asked: env X: the variable is not set")
	if w.requests() != 0 || len(w.slept) != 0 {
		t.Errorf("%v %v: it was tried again", w.paths, w.slept)
	}
}

func TestSecretInThePath(t *testing.T) {
	secret := "npm_" + "FAKE/0123 456%789"
	var log bytes.Buffer
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(404)
		fmt.Fprintf(rw, `{"error":"no such token: %s"}`, strings.TrimPrefix(r.URL.Path, "/api/v3/t/"))
	}, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	_, err := w.Do(Armed(t.Context(), "s1"), Request{Method: "DELETE", Path: "/t/{secret}", Secret: inventory.NewValue(secret)})
	if w.paths[0] != "DELETE /api/v3/t/"+url.PathEscape(secret) || Status(err) != 404 {
		t.Fatalf("%v %v", w.paths, err)
	}
	for what, text := range map[string]string{"error": err.Error(), "log": log.String()} {
		if strings.Contains(text, "FAKE") || !strings.Contains(text, "{secret}") {
			t.Errorf("%s: %s", what, text)
		}
	}
}

func TestLogIsRedacted(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, script(status(200, "{}")), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	if _, err := w.Get(t.Context(), "/x", url.Values{"cursor": {token}}, nil); err != nil {
		t.Fatal(err)
	}
	if s := log.String(); strings.Contains(s, "FAKE") || !strings.Contains(s, "method=GET path=/api/v3/x status=200") {
		t.Error(s)
	}
}

func TestErrorsShowWhatTheServiceSaysAndNoMore(t *testing.T) {
	for body, want := range map[string]string{
		`{"message":"Not here"}`:                             "404 Not Found: Not here",
		`{"error":"no such package"}`:                        "404 Not Found: no such package",
		`{"error":"x","error_description":"worse"}`:          "404 Not Found: worse",
		`{"message":{"a":1}}`:                                "404 Not Found",
		`<html>` + token:                                     "404 Not Found",
		`{"message":"bad \u001b[2J token"}`:                  "404 Not Found: bad  token",
		`{"message":"got ` + token + `"}`:                    "not shown",
		`{"message":"ends in ` + token[len(token)-9:] + `"}`: "not shown",
		`{"message":"` + strings.Repeat("long ", 100) + `"}`: "…",
		`{"message":` + strings.Repeat("[", 70) + `"x"`:      "404 Not Found",
	} {
		w := newWorld(t, script(status(404, body)), nil)
		_, err := w.Get(t.Context(), "/x", nil, nil)
		contains(t, err, want)
		if len(err.Error()) > 300 || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("%q", err)
		}
	}
}

func TestStatusError(t *testing.T) {
	w := newWorld(t, script(status(429, `{"message":"slow"}`, "Retry-After", "9")), nil)
	_, err := w.Do(Armed(t.Context(), "x"), Request{Method: "DELETE", Path: "/x"})
	var se *StatusError
	if !errors.As(err, &se) || se.Status != 429 || se.RetryAfter != 9*time.Second || se.Path != "/api/v3/x" || se.Method != "DELETE" || se.Service != "Forge" || se.Message != "slow" {
		t.Errorf("%+v", se)
	}
	if Status(errors.New("x")) != 0 || Status(nil) != 0 {
		t.Error("a status of nothing")
	}
}
