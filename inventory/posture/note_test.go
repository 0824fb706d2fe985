package posture

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
	"nhitop/inventory/triage"
)

// trail is the audit log in words.
func trail(t *testing.T, s *Service) []string {
	t.Helper()
	entries, err := s.Audit()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Action)
	}
	return out
}

// Every meaningful action leaves an entry, in the order in which it happened.
func TestEveryActionIsNoted(t *testing.T) {
	sh := newShelf("a", "b")
	sh.keeps = true // so that there is something to look at again
	broken := feed("broken", func(context.Context, inventory.Sink) error { return errors.New("no way in") })
	s, _ := ready(t, sh, Config{Feeds: []Feed{sh.feed(true), broken}, Protected: []string{"sec-b"}})
	if err := s.Arm("please"); !errors.Is(err, revoke.ErrNotArmed) {
		t.Error(err)
	}
	if _, err := s.Plan(t.Context(), []revoke.Target{{ID: "sec-b"}}); !errors.Is(err, revoke.ErrProtected) {
		t.Error(err)
	}
	p := plan(t, s, "sec-a")
	if _, err := s.Execute(t.Context(), p, revoke.Consent{Yes: true}, nil); !errors.Is(err, revoke.ErrNoReason) {
		t.Error(err)
	}
	run, err := s.Execute(t.Context(), p, yes, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrUsed) {
		t.Error(err)
	}
	for range 2 {
		if _, err := s.LookAgain(t.Context(), run.ID, nil, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.UndoPlan(t.Context(), run.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Undo(t.Context(), run.ID, revoke.Consent{Yes: true}, nil); err != nil {
		t.Error(err)
	}
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Note, Target: "sec-a"}}); err == nil {
		t.Error("a remark without a text was taken")
	}
	if err := s.Decide(t.Context(), []triage.Decision{{Kind: triage.Note, Target: "sec-a", Reason: "seen"}}); err != nil {
		t.Error(err)
	}
	if err := s.Exported("scan json", "report.json"); err != nil {
		t.Error(err)
	}
	s.Disarm()
	if _, err := s.Resume(t.Context(), nil); !errors.Is(err, revoke.ErrNotArmed) {
		t.Error(err)
	}
	want := []string{"collect", "arm", "arm refused", "plan refused", "plan", "revoke refused", "confirm", "revoke", "remove-secret", "revoke-end", "collect",
		"confirm", "revoke refused", "collect", "look", "look", "plan-undo", "confirm", "undo", "undo-remove-secret", "undo-end", "collect",
		"decision refused", "note", "export", "disarm", "resume refused"}
	if got := trail(t, s); !slices.Equal(got, want) {
		t.Errorf("the log has\n%s, want\n%s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
	entries, _ := s.Audit()
	if e := entries[0]; e.By != "tester" || e.Detail != "shelf ok, broken failed" {
		t.Errorf("%+v", e)
	}
	if n, err := s.VerifyAudit(); err != nil || n != len(want) {
		t.Error(n, err)
	}
}

func TestSignedAtTheEndOfARun(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := audit.OpenKey(file)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := ready(t, newShelf("a"), Config{SignKey: k})
	run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil)
	if err != nil || run.State != revoke.StateDone {
		t.Fatal(run.State, err)
	}
	got := trail(t, s)
	if n, signed, err := s.VerifyAuditSigned(pub); err != nil || got[len(got)-1] != audit.ActionSignature || n != len(got) || signed != n-1 {
		t.Errorf("%v: %d entries, %d signed, %v", got, n, signed, err)
	}
}

// A syslog that is not there holds no revocation up, and is named.
func TestSyslogThatIsNotThere(t *testing.T) {
	to, err := audit.ParseSyslog("unix:" + filepath.Join(t.TempDir(), "nobody"))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := ready(t, newShelf("a"), Config{Syslog: to})
	if run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil); err != nil || run.State != revoke.StateDone {
		t.Error(run.State, err)
	}
	if got := s.AuditTrouble(); !strings.Contains(got, to.String()) {
		t.Errorf("it is not told: %q", got)
	}
}

// A plan is carried out only on the facts that it was made from.
func TestFactsThatChangedSince(t *testing.T) {
	sh := newShelf("a", "b")
	s, _ := ready(t, sh, Config{})
	p := plan(t, s, "sec-a")
	delete(sh.things, "b") // nothing of the plan's
	collect(t, s)
	if err := s.unchanged(p); err != nil {
		t.Errorf("what is not in the plan changed: %v", err)
	}
	holder := feed("x", func(_ context.Context, sink inventory.Sink) error {
		sink.Assistant(inventory.Assistant{ID: "ast-new", Kind: "cursor", Name: "new"})
		sink.Secret(inventory.Secret{ID: "sec-a", Kind: "jwt", Assistants: []inventory.ID{"ast-new"}}, inventory.Value{})
		return nil
	})
	s.cfg.Feeds = append(s.cfg.Feeds, holder)
	collect(t, s)
	if _, err := s.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrChanged) || !strings.Contains(err.Error(), "jwt: what it is, who holds it") || !sh.things["a"] {
		t.Errorf("another holds it now: %v", err)
	}
	p = plan(t, s, "sec-a")
	s.cfg.Feeds = s.cfg.Feeds[:1]
	delete(sh.things, "a")
	collect(t, s)
	if _, err := s.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrChanged) || !strings.Contains(err.Error(), "sec-a is not there any more") {
		t.Errorf("it is gone: %v", err)
	}
	p.Facts = nil // who takes them out has another plan
	if _, err := s.Execute(t.Context(), p, yes, nil); !errors.Is(err, revoke.ErrTampered) {
		t.Errorf("%v", err)
	}
}

// Who stops working is told of every secret that a plan ends: who holds it, with which server, and when it was last used.
func TestAPlanSaysWhoStops(t *testing.T) {
	sh := newShelf("a")
	used := feed("x", func(_ context.Context, sink inventory.Sink) error {
		sink.Assistant(inventory.Assistant{ID: "ast-job", Kind: "cursor", Name: "triage", Path: "~/api", Scope: "ci", Secrets: []inventory.ID{"sec-a"}, Tools: []inventory.ID{"tool-1"}})
		sink.Tool(inventory.Tool{ID: "tool-1", Assistant: "ast-job", Name: "github", Secrets: []inventory.ID{"sec-a"}})
		sink.Secret(inventory.Secret{ID: "sec-a", Kind: "jwt", Assistants: []inventory.ID{"ast-job"}, LastUsed: noon.AddDate(0, 0, -3)}, inventory.Value{})
		return nil
	})
	s, _ := ready(t, sh, Config{Feeds: []Feed{sh.feed(true), used}})
	got := strings.Join(plan(t, s, "sec-a").Breaks, "\n")
	for _, want := range []string{"a on ~/a holds jwt", "job triage on ~/api (its server github) holds jwt", "jwt: last used on 2026-11-20 (3 days ago)"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

func TestAnUndoSaysWhatItLeaves(t *testing.T) {
	s, _ := ready(t, newShelf("a"), Config{})
	run, err := s.Execute(t.Context(), plan(t, s, "sec-a"), yes, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(t.Context(), run.ID, revoke.Consent{Yes: true}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UndoPlan(t.Context(), run.ID); !errors.Is(err, revoke.ErrNothing) || !strings.Contains(err.Error(), "1 take a: was taken back already") {
		t.Errorf("%v", err)
	}
}
