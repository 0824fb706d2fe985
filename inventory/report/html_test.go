package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func htmlOf(t testing.TB, s *inventory.Snapshot) string {
	t.Helper()
	var b bytes.Buffer
	if err := Scan(&b, "html", s, Options{Version: "1.0"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	htmlTags = strings.Fields("html head meta title style body main nav footer div h1 h2 h3 h4 p ul ol li dl dt dd table thead tbody tr th td code pre span a")
	htmlAttr = strings.Fields("lang charset http-equiv content name role aria-label class id href scope")
	policy   = regexp.MustCompile(`content="default-src 'none'; style-src '(sha256-[^']+)'; base-uri 'none'; form-action 'none'"`)
	inStyle  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

// holdsHTML checks that a page is whole, can be walked without seeing it, and has no part but its own: what a reader takes
// from it comes back, a table as a line a row.
func holdsHTML(t testing.TB, text string) string {
	t.Helper()
	style, allowed := inStyle.FindStringSubmatch(text), policy.FindStringSubmatch(text)
	if style == nil || allowed == nil {
		t.Fatalf("no style or no policy in %.600s", text)
	}
	if sum := sha256.Sum256([]byte(style[1])); allowed[1] != "sha256-"+base64.StdEncoding.EncodeToString(sum[:]) {
		t.Error("the policy does not let the page's own style through")
	}
	if strings.Contains(style[1], "url(") || strings.Contains(style[1], "@import") {
		t.Error("the style asks for something outside")
	}
	d := xml.NewDecoder(strings.NewReader(strings.Replace(text, style[0], "", 1)))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	var out strings.Builder
	ids, links, level, cell := map[string]bool{}, []string{}, 0, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v before %q", err, out.String()[max(0, out.Len()-200):])
		}
		switch x := tok.(type) {
		case xml.StartElement:
			name := x.Name.Local
			if !slices.Contains(htmlTags, name) {
				t.Fatalf("an element %q of %q", name, text[max(0, int(d.InputOffset())-200):d.InputOffset()])
			}
			has := map[string]string{}
			for _, a := range x.Attr {
				if !slices.Contains(htmlAttr, a.Name.Local) {
					t.Fatalf("an attribute %q of %s", a.Name.Local, name)
				}
				has[a.Name.Local] = a.Value
			}
			if id := has["id"]; id != "" {
				if ids[id] {
					t.Errorf("the id %q is there twice", id)
				}
				ids[id] = true
			}
			if to := has["href"]; name == "a" {
				if !strings.HasPrefix(to, "#") {
					t.Errorf("a link to %q", to)
				}
				links = append(links, strings.TrimPrefix(to, "#"))
			}
			switch name {
			case "h1", "h2", "h3", "h4":
				if n := int(name[1] - '0'); n > level+1 {
					t.Errorf("a heading of level %d after one of level %d", n, level)
				} else {
					level = n
				}
				out.WriteByte('\n')
			case "tr":
				cell = 0
				out.WriteByte('\n')
			case "th", "td":
				if cell++; (name == "th") != (has["scope"] != "") || name == "td" && cell == 1 {
					t.Errorf("cell %d of a row is %s with scope %q", cell, name, has["scope"])
				}
				out.WriteString(" | ")
			case "table":
				if has["aria-label"] == "" {
					t.Error("a table without a name")
				}
			case "p", "li", "dt", "div":
				out.WriteByte('\n')
			}
		case xml.CharData:
			out.Write(x)
		case xml.Comment, xml.ProcInst:
			t.Errorf("a comment or an instruction: %v", x)
		}
	}
	for _, l := range links {
		if !ids[l] {
			t.Errorf("the link #%s leads nowhere", l)
		}
	}
	if level == 0 {
		t.Error("no heading")
	}
	return out.String()
}

func TestHTMLTells(t *testing.T) {
	r := measuredCompany().Records()
	r.Findings[1].State, r.Findings[1].Note, r.Findings[1].AcceptedBy, r.Findings[1].AcceptedUntil = "accepted", "a throw-away machine", "bob", noon.AddDate(0, 1, 0)
	r.Findings = append(r.Findings, inventory.Finding{ID: "find-cccccccccccccccc", Rule: "ACME-01", Title: "T", Subject: "tool-aaaaaaaaaaaaaaaa", Yours: true, State: "flagged", Note: "asked", Due: noon.AddDate(0, 0, -3)})
	r.Owners[0].Status = inventory.OwnerDeparted
	text := holdsHTML(t, htmlOf(t, inventory.NewSnapshot(noon, r, false).Measured(measuredCompany().Posture().Gauge)))
	for _, want := range []string{
		"Not everything was read: 1 source ok, 1 source stale; 1 place not looked at", "Source forge: stale: 401", "not known to be absent",
		"revoke github-pat-classic …5wsT", "closes 1 finding", "Who answers for it: Alice (left)", "time to revoke", "owner known", "SEC-05 (keys here are rotated every week)",
		"Claude Code", "unattended", "without asking: exec-local", "after asking a person: write-source", "not known: 23 of 26", "nobody is known",
		"ACT NOW (1)", "SEC-01 Secret in a repository (1)", "Everybody with the history has it.", "Revoke it.", "OWASP NHI: NHI2:2025", "score 70 base + 20 broad = 90", "~/.claude.json:12", "2026-11-24",
		"No decision (1)", "a rule of your own", "flagged: asked", "2026-11-20, overdue", "Accepted (1)", "a throw-away machine", "2026-12-23",
		"github-pat-classic …5wsT", "committed", "inherited", "npx -y @acme/server", "STALE", "~/.cursor/state.vscdb", "not-opened: a database", "not TOML", "What the words mean", "nhitop 1.0",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "ATTEND (") {
		t.Error("an accepted finding is among those to attend to")
	}
	if t.Failed() {
		t.Log(text)
	}
}

// The order is that of urgency, and a whole inventory is not called whole when it is not.
func TestHTMLLeadsWithWhatIsUrgent(t *testing.T) {
	text := holdsHTML(t, htmlOf(t, many(9)))
	if a, b := strings.Index(text, "urgent one"), strings.Index(text, "Assistant 0"); a < 0 || b < 0 || a > b {
		t.Errorf("the urgent one stands at %d, the first at %d", a, b)
	}
	empty := holdsHTML(t, htmlOf(t, inventory.NewSnapshot(noon, inventory.Records{}, false)))
	if !strings.Contains(empty, "Every source was read to its end") || strings.Contains(empty, "Findings (") {
		t.Errorf("an empty inventory says %s", empty)
	}
	if running := htmlOf(t, inventory.NewSnapshot(noon, inventory.Records{}, true)); !strings.Contains(running, "still running") || strings.Contains(running, "Every source was read") {
		t.Error("a collection that runs is called whole")
	}
}

func TestHTMLOfOneRecord(t *testing.T) {
	s := company()
	for _, id := range allIDs(s) {
		var b bytes.Buffer
		if err := Show(&b, "html", s, id, Options{}); err != nil {
			t.Fatal(err)
		}
		if text := holdsHTML(t, b.String()); !strings.Contains(text, Name(s, id)) || !strings.Contains(text, "Not everything was read") {
			t.Errorf("%s: %s", id, text)
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := enclosed(text)
		page := htmlOf(t, s)
		shown := holdsHTML(t, page)
		if want := strings.Join(strings.Fields(inventory.Clean(text)), " "); !strings.Contains(strings.Join(strings.Fields(shown), " "), want) {
			t.Errorf("%q is not shown as %q", text, want)
		}
		if page != htmlOf(t, s) {
			t.Error("twice the same, and two pages")
		}
		var b bytes.Buffer
		if err := Show(&b, "html", s, s.Records().Assistants[0].ID, Options{}); err != nil {
			t.Fatal(err)
		}
		holdsHTML(t, b.String())
	})
}

// many is an inventory of n assistants, each with a secret and two findings; the last is the most urgent.
func many(n int) *inventory.Snapshot {
	var r inventory.Records
	c := company().Records()
	for i := range n {
		id := func(noun string) inventory.ID { return inventory.ID(fmt.Sprintf("%s-%016d", noun, i)) }
		a, x, f := c.Assistants[0], c.Secrets[0], c.Findings[0]
		a.ID, a.Name, a.Secrets, a.Tools = id("ast"), fmt.Sprintf("Assistant %d", i), []inventory.ID{id("sec")}, nil
		x.ID, x.Assistants = id("sec"), []inventory.ID{a.ID}
		f.ID, f.Subject, f.Assistants, f.Decision, f.Due = id("find"), a.ID, nil, inventory.Attend, noon.AddDate(0, 0, 7)
		g := f
		g.ID, g.Rule, g.Subject, g.Decision = inventory.ID(fmt.Sprintf("find-x%015d", i)), "AUT-01", x.ID, inventory.Track
		if i == n-1 {
			a.Name, f.Decision = "urgent one", inventory.ActNow
		}
		r.Assistants, r.Secrets, r.Findings = append(r.Assistants, a), append(r.Secrets, x), append(r.Findings, f, g)
	}
	r.Owners, r.Sources = c.Owners, c.Sources
	return inventory.NewSnapshot(noon, r, false)
}

// meter counts what is written, and in the middle of it looks how much memory is held beside what was before.
type meter struct {
	n, at int
	most  int // bytes in one write
	base  uint64
	held  uint64
}

func alive() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (m *meter) Write(b []byte) (int, error) {
	m.most = max(m.most, len(b))
	if was := m.n; m.at > 0 && was < m.at && was+len(b) >= m.at {
		if now := alive(); now > m.base {
			m.held = now - m.base
		}
	}
	m.n += len(b)
	return len(b), nil
}

// A large inventory is written as it is walked through: no second copy of it is held, and what is done for one more
// assistant stays within bounds.
func TestLargeInventoriesAreWrittenAsTheyAreRead(t *testing.T) {
	s := many(4000)
	for format, allocs := range map[string]float64{"html": 180, "sarif": 120} {
		size := &meter{}
		if err := Scan(size, format, s, Options{}); err != nil {
			t.Fatal(err)
		}
		m := &meter{at: size.n / 2, base: alive()}
		if err := Scan(m, format, s, Options{}); err != nil {
			t.Fatal(err)
		}
		if m.most > 64<<10 || m.held > uint64(m.n)/3 {
			t.Errorf("%s: of %d bytes %d in one write, and %d held in the middle", format, m.n, m.most, m.held)
		}
		few := many(100)
		each := testing.AllocsPerRun(2, func() { _ = Scan(io.Discard, format, few, Options{}) }) / 100
		if each > allocs {
			t.Errorf("%s: %.0f allocations an assistant, want no more than %.0f", format, each, allocs)
		}
		t.Logf("%s: %d bytes and %.0f allocations an assistant, %d held", format, m.n/4000, each, m.held)
	}
}

func BenchmarkScan(b *testing.B) {
	s := many(10000)
	for _, format := range []string{"json", "markdown", "sarif", "html"} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Scan(io.Discard, format, s, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
