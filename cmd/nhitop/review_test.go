package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A team lead's walk: open, decide, be refused, export, close.
func TestReviewFromOpenToEvidence(t *testing.T) {
	d := newDesk(t, `
[[charter]]
kind = "claude-code"
owner = "dana@example.com"
purpose = "pair programming"
tier = 3
`)
	const dana = "dana@laptop"
	d.run(2, dana, "", "review", "open", "--owner", "nobody@example.com")
	d.run(2, dana, "", "review", "show", "last")
	out, _ := d.run(0, dana, "", "review", "open", "--owner", "dana@example.com", "--format", "json")
	var got struct {
		Review struct {
			ID    string
			Items []struct {
				ID, Name string
				Unused   int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Review.Items) == 0 {
		t.Fatalf("%v: %s", err, out)
	}
	item := got.Review.Items[0].ID
	_, said := d.run(5, dana, "", "review", "decide", "last", item, "revoke")
	if !strings.Contains(said, "a reason is needed") {
		t.Error(said)
	}
	d.run(2, dana, "", "review", "decide", "last", item, "burn", "--reason", "x")
	d.run(2, dana, "", "review", "decide", "last", item, "exception", "--reason", "x")
	d.run(5, dana, "", "--read-only", "review", "decide", "last", item, "keep", "--reason", "x")
	d.run(0, dana, "", "review", "decide", "last", item, "transfer", "--owner", "erin@example.com", "--reason", "she moved")
	out, _ = d.run(0, dana, "", "show", item)
	if !strings.Contains(out, "erin@example.com") {
		t.Errorf("the transfer asserts no owner: %s", out)
	}
	d.run(0, dana, "", "review", "undo", "last", item)
	out, _ = d.run(0, dana, "", "review", "decide", got.Review.ID, item, "exception", "--until", "30d", "--reason", "until the move")
	if !strings.Contains(out, "exception") {
		t.Error(out)
	}
	pack := filepath.Join(t.TempDir(), "pack")
	d.run(0, dana, "", "review", "export", "last", "--output", pack)
	d.run(2, dana, "", "review", "export", "last", "--output", pack) // nothing is overwritten
	files, err := os.ReadDir(pack)
	if err != nil || len(files) != 13 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if i, err := os.Stat(filepath.Join(pack, "manifest.json")); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", i.Mode(), err)
	}
	if len(got.Review.Items) > 1 {
		d.run(5, dana, "", "review", "close", "last")
	}
	d.run(0, dana, "", "review", "close", "last", "--silent")
	d.run(5, dana, "", "review", "decide", "last", item, "keep", "--reason", "too late")
	out, _ = d.run(0, dana, "", "audit", "list")
	for _, want := range []string{"review opened", "review transfer", "undo review transfer", "review exception", "export", "review closed", "review decision refused"} {
		if !strings.Contains(out, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
	d.run(0, dana, "", "audit", "verify")
}
