package wire

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nhitop/inventory/revoke"
	"nhitop/sources"
)

// limiter stands before a provider: it lets so many requests a second through and tells the others to wait, and one in ten
// fails although the provider is well.
type limiter struct {
	next      http.Handler
	perSecond int
	faults    bool

	mu      sync.Mutex
	second  int64
	used    int
	asked   int // requests that came
	let     int // requests that were let through to the provider
	refused int // by the limit
	failed  int
}

func (l *limiter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.asked++
	now := time.Now()
	if s := now.Unix(); s != l.second {
		l.second, l.used = s, 0
	}
	switch {
	case l.used >= l.perSecond:
		l.refused++
		l.mu.Unlock()
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case l.faults && l.unlucky(r):
		l.used++
		l.failed++
		status := []int{http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout}[l.failed%3]
		l.mu.Unlock()
		w.WriteHeader(status)
		return
	}
	l.used++
	l.let++
	l.mu.Unlock()
	l.next.ServeHTTP(w, r)
}

// unlucky picks one request in ten, the same ones in each run.
func (l *limiter) unlucky(r *http.Request) bool {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, r.Method, r.URL.Path, l.asked)
	return h.Sum32()%10 == 0
}

// A thousand credentials at five providers, each with its limit, and one request in ten that fails: every step ends in a
// state that is true, and it takes little longer than the limits alone make it take. Time is the bubble's: it passes when
// everybody waits.
func TestAThousandAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand steps, each made durable")
	}
	synctest.Test(t, func(t *testing.T) {
		const n, rate = 200, 20
		s := &street{base: map[string]string{}}
		hosts := map[string]*limiter{}
		five := append(slices.Clone(providers), "lab2")
		for _, name := range five {
			s.base[name] = "https://" + name + ".example.com"
			hosts[name+".example.com"] = &limiter{perSecond: rate, next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(name, w, r) })}
		}
		s.renew(n)
		o := s.config(t)
		second := fmt.Sprintf("\n[[sources.gitlab]]\nname = \"two\"\nurl = %q\ntoken = { env = \"LAB\" }\nrevoke = true\n", s.base["lab2"])
		if err := appendTo(o.Config, second); err != nil {
			t.Fatal(err)
		}
		o.transport = func(host string) http.RoundTripper {
			if l := hosts[host]; l != nil {
				return sources.InProcess(l)
			}
			return nil
		}
		p := s.plan(t, o)
		if len(p.Steps) != len(five)*n {
			t.Fatalf("%d steps, want %d", len(p.Steps), len(five)*n)
		}
		e, done, err := executor(o)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		for _, l := range hosts {
			l.let, l.asked, l.failed, l.refused, l.faults = 0, 0, 0, 0, true
		}
		began := time.Now()
		p = revoke.NewPlan(began, time.Hour, p.Targets, p.Names, p.Steps)
		run, err := e.Execute(t.Context(), p, revoke.Consent{By: "ana", Reason: "a leak", Word: p.Word(), Yes: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		var least time.Duration
		for host, l := range hosts {
			if d := time.Duration(float64(l.let+l.failed) / rate * float64(time.Second)); d > least {
				least = d
			}
			t.Logf("%s: %d requests came through, %d failed, %d were told to wait", host, l.let, l.failed, l.refused)
		}
		t.Logf("%d steps took %s; the limits alone impose %s", len(run.Steps), took, least)
		if float64(took) > 1.5*float64(least) {
			t.Errorf("%s is more than 1.5 times %s", took, least)
		}
		// What the run says, held against what the providers did.
		said := map[string]int{}
		for _, st := range run.Steps {
			said[st.State+" "+string(st.Proof.Grade)]++
			if st.State == revoke.StateDone && !st.Proof.Grade.Reaches(revoke.Attested) && st.Proof.Detail == "" {
				t.Errorf("%s is not proven, and nobody says why", st.Summary)
			}
		}
		t.Logf("%v; %d took effect", said, len(s.ended))
		// A step may fail when luck fails it four times in a row; then nothing took effect, and that is what it says.
		proven, failed := said["done attested"]+said["done proven"], said["failed "]
		if proven > len(s.ended) || len(s.ended)+failed != len(run.Steps) || failed > n/20 {
			t.Errorf("%d are said to be gone and %d to have failed; %d are gone", proven, failed, len(s.ended))
		}
	})
}

func appendTo(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(old, text...), 0o600)
}
