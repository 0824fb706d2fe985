package merge_test

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/posture"
	"nhitop/inventory/risk"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// company is a made-up company of n assistants, ten distinct records for each: the assistant, two tool servers, a secret of
// its own and a tenth of one that ten share, five entitlements, and its part of the owners, resources and references.
// One team of ten in five is in bad order: it shares a token, keeps tokens in files, runs servers that are not pinned and
// asks nobody. version is what differs from one collection to the next: a hundredth of the assistants, and nine of ten records
// of each, has another state in each; with worst, they are all of the teams in bad order.
type company struct {
	n       int
	version int
	worst   bool
	at      time.Time // when it is collected; zero: noon
}

func (c company) time() time.Time {
	if c.at.IsZero() {
		return noon
	}
	return c.at
}

// The two sources see about half of the assistants each; the second also sees owners and shared secrets that the first has seen.
func (c company) feed(source int, s inventory.Sink) {
	for i := range c.n {
		if i%2 == source {
			c.assistant(i, s)
		}
		if i%10 == 0 {
			owner := inventory.Owner{ID: id("own", i/10), Kind: "person", Name: "Owner " + strconv.Itoa(i/10), Email: "o" + strconv.Itoa(i/10) + "@example.com",
				Status: "active", Evidence: []inventory.Evidence{{Path: "https://directory.example.com/people"}}}
			if i/10%2 == source || i%50 == 0 {
				s.Owner(owner)
			}
		}
	}
}

// id spells a number as ids are: 16 characters that tell nothing of an order.
func id(noun string, i int) inventory.ID {
	b := make([]byte, 0, 21)
	b = append(append(b, noun...), '-')
	x := uint64(i)*0x9e3779b97f4a7c15 + 1
	for k := range 16 {
		if k == 12 {
			x = uint64(i) * 0xbf58476d1ce4e5b9
		}
		b = append(b, "abcdefghijklmnopqrstuvwxyz234567"[x>>59])
		x <<= 5
	}
	return inventory.ID(b)
}

func value(kind string, i int) inventory.Value {
	return inventory.NewValue("gh" + "p_FAKE" + kind + strings.Repeat("0", 16) + strconv.Itoa(i))
}

var granted = [5]inventory.Capability{inventory.ReadSource, inventory.WriteSource, inventory.OpenPR, inventory.ExecLocal, inventory.NetworkOut}

func (c company) changed(i int) bool {
	switch {
	case c.version == 0:
		return false
	case c.worst:
		return i%100 == c.version%10
	}
	return (i+i/100)%100 == c.version%100
}

func (c company) assistant(i int, s inventory.Sink) {
	a := id("ast", i)
	changed := c.changed(i)
	home := "~/work/team-" + strconv.Itoa(i/500) + "/repo-" + strconv.Itoa(i)
	file := home + "/.claude/settings.json"
	ev := []inventory.Evidence{{Path: file, Pointer: "/permissions/defaultMode", Line: 3}}
	bad := i/10%5 == 0
	first := inventory.Secret{Kind: "github-pat-fine-grained", Issuer: "github.com", Assistants: []inventory.ID{a}, Storage: inventory.StorageKeyring,
		Exposure: inventory.ExposureLocal, State: inventory.StateUnknown, Scopes: []string{"repo"}, LongLived: inventory.No, Expires: noon.AddDate(0, 0, 30),
		Locations: []inventory.Location{{Path: file, Pointer: "/env/GITHUB_TOKEN", Line: 8, Scope: inventory.ScopeUser, Form: "whole", Mode: "0600"}}}
	autonomy, sandbox := inventory.AutonomyAsk, inventory.SandboxWorkspace
	if bad {
		first.Kind, first.Storage, first.LongLived, first.Expires = "github-pat-classic", inventory.StoragePlaintext, inventory.Yes, time.Time{}
		autonomy, sandbox = []inventory.Autonomy{inventory.AutonomyAsk, inventory.AutonomyAutoEdit, inventory.AutonomyAuto, inventory.AutonomyUnattended}[i%4], inventory.SandboxNone
	}
	server, used := "@example/server@1.2.3", time.Time{}
	if changed {
		first.LastUsed, used, server = c.time(), c.time(), "@example/server@1.2.4"
	}
	own := s.Secret(first, value("own", i))
	held := []inventory.ID{own}
	if bad || i%10 == 0 {
		held = append(held, s.Secret(inventory.Secret{Kind: "npm-token", Issuer: "npm", Assistants: []inventory.ID{a}, Ambient: true, Storage: inventory.StoragePlaintext,
			Exposure: inventory.ExposureLocal, State: inventory.StateUnknown, LongLived: inventory.Yes,
			Locations: []inventory.Location{{Path: home + "/.npmrc", Pointer: "/_authToken", Line: 1, Scope: inventory.ScopeUser, Mode: "0600"}}}, value("shared", i/10)))
	}
	if changed {
		autonomy = inventory.AutonomySuggest
	}
	x := inventory.Assistant{ID: a, Kind: []string{"claude-code", "codex", "cursor", "gemini-cli"}[i/7%4], Name: "Claude Code", Vendor: "Anthropic", Scope: "project",
		Class: inventory.ClassNHI, ClassReason: "it runs commands", Autonomy: autonomy, AutonomyReason: "permissions.defaultMode", Sandbox: sandbox,
		SandboxReason: "sandbox.enabled", Network: "allowlist", Account: "o" + strconv.Itoa(i/10) + "@example.com", Host: "host-" + strconv.Itoa(i/20), Path: home, Environment: "dev",
		Secrets: held, Evidence: ev,
		Capabilities: map[inventory.Capability]inventory.Answer{inventory.ReadSource: inventory.Yes, inventory.WriteSource: inventory.Yes, inventory.OpenPR: inventory.Yes,
			inventory.ExecLocal: inventory.Asks, inventory.NetworkOut: inventory.Yes},
		Settings: []inventory.Setting{{Kind: inventory.SettingMode, Name: "permissions.defaultMode", Value: string(autonomy), Scope: "project", Effective: true, Path: file, Pointer: "/permissions/defaultMode", Line: 3}}}
	if i%3 != 0 {
		x.Owners = []inventory.ID{id("own", i/10)}
	}
	s.Assistant(x)
	pinned := inventory.Yes
	if bad {
		pinned = inventory.No
	}
	for j := range 2 {
		s.Tool(inventory.Tool{ID: id("tool", 2*i+j), Assistant: a, Name: []string{"github", "files", "browser"}[(i+j)%3], Transport: "stdio", Command: "npx",
			Args: []string{"-y", server}, EnvNames: []string{"GITHUB_TOKEN"}, Pinned: pinned, Enabled: true, Scope: "project",
			Secrets: []inventory.ID{own}, Evidence: []inventory.Evidence{{Path: file, Pointer: "/mcpServers/github", Line: 12 + j}}})
	}
	for j, can := range granted {
		s.Entitlement(inventory.Entitlement{ID: id("ent", 5*i+j), Assistant: a, Via: string(own), Capability: can, Level: "write", Resource: id("res", i/5), Origin: inventory.OriginDirect,
			Gate: inventory.GateOpen, LastUsed: used, Path: []string{"a token in the settings", "which may write"}, Evidence: ev})
	}
	if i%5 == 0 {
		s.Resource(inventory.Resource{ID: id("res", i/5), Kind: "repository", Name: "acme/repo-" + strconv.Itoa(i/5), Environment: "unknown", Guardrails: map[string]string{"review": "1"}, Evidence: ev})
	}
	if i%5 < 3 {
		s.Reference(inventory.Reference{ID: id("ref", i), Assistant: a, Kind: "env", Text: "NPM_TOKEN", Path: file, Pointer: "/env/NPM_TOKEN", Line: 9})
	}
}

// collect lets both sources work at once, as a collection does.
func (c company) collect() []inventory.Sink {
	sinks := []inventory.Sink{inventory.NewSink("local", inventory.Key{7}, c.time), inventory.NewSink("github", inventory.Key{7}, c.time)}
	var wg sync.WaitGroup
	for i, s := range sinks {
		wg.Go(func() { c.feed(i, s) })
	}
	wg.Wait()
	return sinks
}

func batches(sinks []inventory.Sink) []inventory.Batch {
	var bs []inventory.Batch
	for _, s := range sinks {
		bs = append(bs, s.Batch())
	}
	return bs
}

// taken empties the sinks, as a collection does at its end, when what each source said is stored.
func taken(sinks []inventory.Sink) []inventory.Batch {
	var bs []inventory.Batch
	for _, s := range sinks {
		bs = append(bs, s.Take())
	}
	return bs
}

func count(r inventory.Records) int {
	return len(r.Assistants) + len(r.Owners) + len(r.Secrets) + len(r.Entitlements) + len(r.Tools) + len(r.Resources) + len(r.References)
}

// meter samples what the runtime holds from the system, and notes the most.
type meter struct {
	stop, done chan struct{}
	peak       uint64
}

func held() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}

// live is what is in use, garbage not counted.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func startMeter() *meter {
	m := &meter{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(m.done)
		t := time.NewTicker(2 * time.Millisecond)
		defer t.Stop()
		for {
			m.peak = max(m.peak, held())
			select {
			case <-m.stop:
				return
			case <-t.C:
			}
		}
	}()
	return m
}

func (m *meter) end() uint64 {
	close(m.stop)
	<-m.done
	return m.peak
}

// phases measures the parts of one collection, without the sources' own work of reading.
type phases struct {
	b     *testing.B
	names []string
	took  map[string]time.Duration
	cpu   map[string]time.Duration
	bytes map[string]uint64
}

func (p *phases) run(name string, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, used := time.Now(), cpu()
	f()
	d := time.Since(start)
	used = cpu() - used
	runtime.ReadMemStats(&after)
	if _, again := p.took[name]; !again {
		p.names = append(p.names, name)
	}
	p.took[name] += d
	p.cpu[name] += used
	p.bytes[name] += after.TotalAlloc - before.TotalAlloc
}

func (p *phases) report() {
	for _, n := range p.names {
		p.b.ReportMetric(float64(p.took[n].Milliseconds())/float64(p.b.N), n+"-ms")
		p.b.ReportMetric(float64(p.cpu[n].Milliseconds())/float64(p.b.N), n+"-cpu-ms")
		p.b.ReportMetric(float64(p.bytes[n])/float64(p.b.N)/(1<<20), n+"-MiB")
	}
}

// BenchmarkScale takes facts in, merges, indexes and judges them, as a collection does; the sinks stay alive to the end.
// peak-MiB is the most that the runtime held from the system. The million needs NHITOP_SCALE=1: it takes a while.
func BenchmarkScale(b *testing.B) {
	sizes := []int{1_000, 10_000}
	if os.Getenv("NHITOP_SCALE") != "" {
		sizes = append(sizes, 100_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("records=%d", 10*n), func(b *testing.B) {
			p := &phases{b: b, took: map[string]time.Duration{}, cpu: map[string]time.Duration{}, bytes: map[string]uint64{}}
			var peak uint64
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				runtime.GC()
				b.StartTimer()
				m := startMeter()
				var sinks []inventory.Sink
				var r inventory.Records
				var snap *inventory.Snapshot
				var judged *risk.Judgement
				p.run("sink", func() { sinks = company{n: n}.collect() })
				percent := debug.SetGCPercent(posture.GCPercent(10 * n))
				p.run("merge", func() { r = merge.Consume(taken(sinks), nil) })
				if got := count(r); got != 10*n {
					b.Fatalf("%d records", got)
				}
				p.run("index", func() { snap = inventory.NewSnapshot(noon, r, false) })
				if os.Getenv("NHITOP_SCALE") != "facts" {
					r = inventory.Records{}
					p.run("judge", func() { judged = risk.Since(nil, snap, risk.DefaultPolicy(), noon, nil) })
					if len(judged.Findings) == 0 {
						b.Fatal("no findings")
					}
					b.ReportMetric(float64(len(judged.Findings)), "findings")
					p.run("findings", func() { snap = snap.Judged(judged.Findings, judged.Issues) })
				}
				peak = max(peak, m.end())
				b.StopTimer()
				b.ReportMetric(float64(live())/(1<<20), "live-MiB")
				b.StartTimer()
				runtime.KeepAlive(sinks)
				runtime.KeepAlive(snap)
				runtime.KeepAlive(judged)
				debug.SetGCPercent(percent)
			}
			p.report()
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
		})
	}
}

// What merging, indexing and judging cost grows as the records do, in memory and in number of allocations.
func TestGrowthIsLinear(t *testing.T) {
	measure := func(n int) (c [3]cost) {
		bs := batches(company{n: n}.collect())
		var r inventory.Records
		var s *inventory.Snapshot
		c[0] = costOf(func() { r = merge.Merge(bs, nil) })
		c[1] = costOf(func() { s = inventory.NewSnapshot(noon, r, false) })
		c[2] = costOf(func() { risk.Since(nil, s, risk.DefaultPolicy(), noon, nil) })
		if got := count(s.Records()); got != 10*n {
			t.Fatalf("%d records of %d assistants", got, n)
		}
		return c
	}
	measure(100) // what is set up once
	small, large := measure(500), measure(5000)
	for i, x := range []struct {
		name string
		most float64 // allocations for a record
	}{{"merge", 0.6}, {"index", 0.6}, {"judge", 11}} {
		if large[i].bytes > 12*small[i].bytes || large[i].mallocs > 12*small[i].mallocs+1000 {
			t.Errorf("%s: ten times the records cost %+v, were %+v", x.name, large[i], small[i])
		}
		if perRecord := float64(large[i].mallocs) / 50_000; perRecord > x.most {
			t.Errorf("%s: %.2f allocations for a record", x.name, perRecord)
		}
	}
}

// The same facts give the same snapshot, whatever source is asked first.
func TestScaleIsDeterministic(t *testing.T) {
	bs := batches(company{n: 200}.collect())
	one := inventory.NewSnapshot(noon, merge.Merge(bs, nil), false)
	slices.Reverse(bs)
	for i := range bs {
		r := &bs[i].Records
		r.Assistants, r.Secrets, r.Entitlements, r.Tools = backwards(r.Assistants), backwards(r.Secrets), backwards(r.Entitlements), backwards(r.Tools)
	}
	two := inventory.NewSnapshot(noon, merge.Merge(bs, nil), false)
	if !reflect.DeepEqual(one.Records(), two.Records()) {
		t.Error("another order of the same facts gives another snapshot")
	}
}

func backwards[T any](xs []T) []T {
	xs = slices.Clone(xs)
	slices.Reverse(xs)
	return xs
}
