package sourcetest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx/httpxtest"
	"nhitop/sources/sourcetest/suite"
)

// HTTP is a surrounding in which a source that asks a service must bear every fault of it.
type HTTP struct {
	Env       sources.Env
	Table     string            // the source's table as TOML
	Next      http.RoundTripper // the service, or a simulator of it
	Host      string            // the only one that may get the credential
	Values    []string          // credentials that the source uses
	Who       []inventory.Owner // whom a directory is asked about
	ReadPosts []string          // paths to which a POST only reads
	// Calls limits how many of the source's requests are failed, spread over all of them; 0: every one.
	Calls int
	// Optional tells a call whose 404 says that the service has no such thing, by its path.
	Optional func(path string) bool
}

// hangs is the time after which a collection that hangs is ended.
const hangs = 100 * time.Millisecond

// Faults fails every request of a collection in turn, in every way: the source must end, say that it did not read all and
// which place, invent nothing, change nothing, and give its credential to nobody else.
func Faults(t *testing.T, f sources.Factory, c HTTP) {
	t.Helper()
	good, whole := c.run(t, f, 0, "")
	if good.Status.Status != inventory.SourceOK {
		t.Fatalf("without a fault: %s: %s", good.Status.Status, good.Status.Reason)
	}
	n := whole.Requests()
	step := 1
	if c.Calls > 0 && n > c.Calls {
		step = (n + c.Calls - 1) / c.Calls
	}
	for at := 1; at <= n; at += step {
		for _, fault := range httpxtest.All() {
			r, failed := c.run(t, f, at, fault)
			what := fmt.Sprintf("%s at request %d, %s", fault, at, failed.Hit())
			c.judge(t, what, fault, failed.Hit(), good, r)
		}
	}
}

func (c HTTP) run(t *testing.T, f sources.Factory, at int, fault httpxtest.Fault) (suite.Result, *httpxtest.Faulty) {
	t.Helper()
	failing := httpxtest.Faults(c.Next, at, fault)
	rec := httpxtest.Record(failing)
	env := c.Env
	env.Transport = func(string) http.RoundTripper { return rec }
	env.Sleep = httpxtest.NoSleep
	if env.Now == nil {
		env.Now = clock
	}
	var table struct{ T toml.Primitive }
	md, err := toml.Decode("[T]\n"+c.Table, &table)
	if err != nil {
		t.Fatalf("the table of the test: %v", err)
	}
	s, err := f.New(&md, &table.T, env)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s = about(s, c.Who)
	collector := sources.Collector{Now: clock, Deadline: time.Minute}
	if fault == httpxtest.Hang {
		collector.Deadline = hangs
	}
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, clock)
	status := collector.Collect(t.Context(), s, sink)
	rec.OnlyTo(t, c.Host, c.Values...)
	rec.ReadsOnly(t, c.ReadPosts...)
	return suite.Result{Batch: sink.Batch(), Status: status}, failing
}

func clock() time.Time { return suite.At }

// broken are the faults after which nothing is known of what was asked, whatever it was.
var broken = []httpxtest.Fault{httpxtest.Broken, httpxtest.Unavailable, httpxtest.TooMany, httpxtest.Hang, httpxtest.Cut, httpxtest.WrongJSON, httpxtest.NotJSON,
	httpxtest.HugeJSON, httpxtest.DeepJSON, httpxtest.Elsewhere}

func (c HTTP) judge(t *testing.T, what string, fault httpxtest.Fault, hit string, good, r suite.Result) {
	t.Helper()
	st := r.Status
	_, path, _ := strings.Cut(hit, " ")
	ok := st.Status == inventory.SourceOK
	switch {
	case st.Status != inventory.SourceOK && st.Status != inventory.SourcePartial && st.Status != inventory.SourceFailed:
		t.Errorf("%s: status %s", what, st.Status)
	case strings.Contains(st.Reason, sources.ErrAbandoned.Error()), strings.Contains(st.Reason, "fault in the program"):
		t.Errorf("%s: %s", what, st.Reason)
	case ok && slices.Contains(broken, fault):
		t.Errorf("%s: the source says that it read everything", what)
	case ok && !named(good.Status.Ledger, st.Ledger) && !(fault == httpxtest.NotFound && c.Optional != nil && c.Optional(path)):
		t.Errorf("%s: nobody says what was not read", what)
	case !ok && st.Reason == "":
		t.Errorf("%s: %s, and nobody says why", what, st.Status)
	}
	known := ids(good.Batch.Records)
	for id := range ids(r.Batch.Records) {
		if !known[id] {
			t.Errorf("%s: %s is new", what, id)
		}
	}
	out := r.Text()
	for i, v := range c.Values {
		if suite.Leaks(out, v) >= 0 {
			t.Errorf("%s: a piece of value %d came out", what, i)
		}
	}
}

// named reports whether a ledger has a line about something not read that the good one has not.
func named(good, now []inventory.Looked) bool {
	return slices.ContainsFunc(now, func(l inventory.Looked) bool { return l.State != inventory.LookedRead && !slices.Contains(good, l) })
}

func ids(r inventory.Records) map[inventory.ID]bool {
	m := map[inventory.ID]bool{}
	for _, x := range r.Assistants {
		m[x.ID] = true
	}
	for _, x := range r.Owners {
		m[x.ID] = true
	}
	for _, x := range r.Secrets {
		m[x.ID] = true
	}
	for _, x := range r.Entitlements {
		if x.Certain { // one that is not is said because something was not read
			m[x.ID] = true
		}
	}
	for _, x := range r.Tools {
		m[x.ID] = true
	}
	for _, x := range r.Resources {
		m[x.ID] = true
	}
	return m
}
