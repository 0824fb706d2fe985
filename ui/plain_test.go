package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"nhitop/inventory/posture"
)

// driven is the plain dashboard in the test's own goroutine: each line is answered before the next is said.
func driven(t *testing.T, lines ...string) (string, *fakeEngine) {
	t.Helper()
	var out bytes.Buffer
	e := &fakeEngine{snap: snapshot(company()), now: func() time.Time { return at }}
	p := newPlain(t.Context(), e, Options{Profile: "acme", Operator: "alice", Now: func() time.Time { return at }, Stdout: &out})
	settle := func() {
		for p.open > 0 || len(p.msgs) > 0 {
			p.take(<-p.msgs)
		}
		p.print()
	}
	p.do(p.m.Init())
	p.take(engineMsg(posture.Event{Snapshot: e.snap}))
	settle()
	for _, l := range lines {
		p.line(l)
		settle()
	}
	return out.String(), e
}

func TestPlainGoesByWords(t *testing.T) {
	out, e := driven(t, "assistants owner=alice@example.com", "1", "back", "findings", "accept", "14", "known", "note", "esc", "zzz", "incident", "arm", "arm", "help accept")
	for _, want := range []string{"FIX THESE THREE FIRST", "assistants 2 of 4", "ACT NOW because", "for how many days", "accept: 1 record", "left as it is", `"zzz" is no view`, "nhitop revoke --stdin", "ARMED", "accept: accept the finding"} {
		if !strings.Contains(out, want) {
			t.Errorf("it never says %q:\n%s", want, out)
		}
	}
	if i := strings.IndexFunc(out, func(r rune) bool { return r == 0x1b || r > 126 || r == '\r' }); i >= 0 {
		t.Errorf("%q is no plain text", out[i:min(len(out), i+20)])
	}
	if len(e.decisions) != 1 {
		t.Errorf("%+v", e.decisions)
	}
}

// The input's end leaves it, and so does quit.
func TestPlainEnds(t *testing.T) {
	for _, in := range []string{"assistants\n", "quit\nassistants\n"} {
		var out bytes.Buffer
		e := &fakeEngine{snap: snapshot(company()), now: func() time.Time { return at }}
		if err := Plain(t.Context(), e, Options{Now: func() time.Time { return at }, Stdin: strings.NewReader(in), Stdout: &out}); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out.String(), "line by line") {
			t.Error(out.String())
		}
	}
}
