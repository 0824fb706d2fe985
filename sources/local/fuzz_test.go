package local

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/doc"
)

var glued = regexp.MustCompile(`[\w\\%&+.~-]SECRET|SECRET[\w\\%&+.~-]|SECRETSECRET|[^\x00-\x7f]`)

// FuzzSettingsFile puts any bytes where a product's file is expected. Nothing may panic, and the planted value must not
// come out, whatever stands around it.
func FuzzSettingsFile(f *testing.F) {
	secret := fakeToken(424242)
	for _, seed := range []string{
		`{"mcpServers":{"a":{"command":"npx","args":["--token","SECRET"],"env":{"GITHUB_TOKEN":"SECRET"}}}}`,
		`{"mcpServers":{"a":{"type":"sse","url":"https://u:SECRET@mcp.example.com/sse?api_key=SECRET","headers":{"Authorization":"Bearer SECRET"}}}}`,
		`{"mcpServers":[{"name":"SECRET","transport":{"type":"stdio","command":["SECRET","SECRET"]}}]}`,
		`{"projects":{"/home/SECRET/x":{"mcpServers":{"SECRET":{"command":"SECRET"}},"hasTrustDialogAccepted":true}}}`,
		`{"oauthAccount":{"emailAddress":"SECRET@example.com"},"primaryApiKey":"SECRET"}`,
		`{"permissions":{"allow":["Bash(curl -H SECRET)"],"defaultMode":"SECRET"},"apiKeyHelper":"x SECRET"}`,
		"{\"a\":\"\xff\xfeSECRET", `[[[[[[`, "\x00SECRET", "",
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(1))
	}
	cat := catalogue.Embedded()
	entry := cat.Assistant("claude-code")
	src := &Source{opt: Defaults(), catalogue: cat, env: sources.Env{Explicit: true, Home: "/nowhere"}}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		// A value with more letters at its ends is another text, and no known form.
		if glued.Match(data) {
			t.Skip()
		}
		data = []byte(strings.ReplaceAll(string(data), "SECRET", secret))
		sink := inventory.NewSink("local", inventory.Key{}, func() time.Time { return testNow })
		c := &collection{
			src: src, ctx: t.Context(), sink: sink, cat: cat, now: testNow, projects: map[string]*project{},
			visited: map[string]struct{}{}, resources: map[inventory.ID]bool{},
		}
		h := &home{dir: "/nowhere", real: "/nowhere", shown: "~", products: map[string]*product{}, claimed: map[string]bool{}}
		c.homes = []*home{h}
		row := &entry.Files[int(which)%len(entry.Files)]
		d, err := doc.Parse(doc.Format(row.Format), data)
		s := &source{entry: entry, row: row, path: "/nowhere/f", real: "/nowhere/f", shown: "~/f", mode: 0o600, doc: d, data: data, broken: err != nil, home: h}
		h.products[entry.ID] = &product{entry: entry, files: []*source{s}, proof: []inventory.Evidence{s.evidence("")}}
		c.src.opt.Ambient = false
		c.buildHome(h)
		c.followKnown()
		if err := c.readProjects(); err != nil {
			t.Fatal(err)
		}
		c.finish()
		b := sink.Batch()
		for i := range b.Records.Assistants { // the resolver's own fuzz target holds it to the same
			b.Records.Assistants[i].Settings = nil
		}
		out, err := json.Marshal(struct{ R, L, W any }{b.Records, b.Ledger, b.Warnings})
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.Index(string(out), secret[len(secret)-12:]); i >= 0 {
			t.Fatalf("the value came out after %q", out[max(0, i-120):i])
		}
	})
}
