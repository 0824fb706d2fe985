package credential

import (
	"regexp"
	"strings"
	"testing"
)

func rows() []*shape { return table }

// TestEveryRow holds each row of the table against an example made from its own expression, alone, inside a sentence,
// and with a character too few or a prefix that differs.
func TestEveryRow(t *testing.T) {
	for _, s := range rows() {
		token := example(t, regexp.QuoteMeta(s.prefix)+"(?:"+s.rest+")")
		t.Run(s.kind+"/"+s.prefix, func(t *testing.T) {
			ctx := Context{Key: "X_API_KEY", Position: PositionEnv}
			ms := Find(token, ctx)
			if len(ms) != 1 {
				t.Fatalf("%d matches, want 1 (length %d)", len(ms), len(token))
			}
			m := ms[0]
			if want := s.kind; m.Kind != want && !s.weak {
				t.Fatalf("kind %q, want %q", m.Kind, want)
			}
			if m.Value.Reveal() != token[m.Start:m.End] || m.End != len(token) {
				t.Fatal("the value is not the token")
			}
			if s.sum != nil && m.Checksum == "" && s.kind != "github-pat-fine-grained" && len(token) == 40 {
				t.Fatal("the checksum was not tested")
			}
			if !s.weak {
				inner := Find("use "+token+" now", Context{Position: PositionFile})
				if len(inner) != 1 || inner[0].Kind != s.kind {
					t.Fatalf("inside a text: %d matches", len(inner))
				}
			}
			if near := Find("q"+token, Context{Position: PositionFile}); has(near, s.kind) {
				t.Fatal("found inside a longer word")
			}
			if near := Find(s.prefix+"3f", Context{Position: PositionFile}); len(near) != 0 {
				t.Fatal("found although nothing follows the prefix")
			}
			if r := Redact("run --with " + token + " here"); !s.named && strings.Contains(r, token[m.Start:m.End]) {
				t.Fatal("not redacted")
			}
		})
	}
}

func has(ms []Match, kind string) bool {
	for _, m := range ms {
		if m.Kind == kind {
			return true
		}
	}
	return false
}

// TestOneTooShort holds the rows of a fixed length against a token that lacks its last character.
func TestOneTooShort(t *testing.T) {
	fixed := regexp.MustCompile(`^(?:\[[^\]]+\]\{\d+\})$`)
	n := 0
	for _, s := range rows() {
		if !fixed.MatchString(s.rest) {
			continue
		}
		n++
		token := example(t, regexp.QuoteMeta(s.prefix)+s.rest)
		if h, ok := shapeAt(token[:len(token)-1], 0); ok && h.s.kind == s.kind {
			t.Errorf("%s: a token without its last character counts", s.kind)
		}
	}
	if n < 20 {
		t.Fatalf("only %d rows of a fixed length", n)
	}
}

func TestChecksums(t *testing.T) {
	body := strings.Repeat("aB3", 10)
	for _, p := range []string{"ghp", "gho", "npm"} {
		good := p + "_" + body + crc62(body)
		m := Find(good, Context{})
		if len(m) != 1 || m[0].Checksum != sumOK || !m[0].Sure {
			t.Errorf("%s: a good checksum is not told", p)
		}
		bad := good[:len(good)-1] + string(base62[(strings.IndexByte(base62, good[len(good)-1])+1)%62])
		if m := Find(bad, Context{}); len(m) != 1 || m[0].Checksum != sumBad || !m[0].Sure {
			t.Errorf("%s: a bad checksum must be told, and the token still be reported", p)
		}
	}
	// The four bytes stand in little-endian order.
	if got := crcGrafana("glsa_" + strings.Repeat("Ab", 16) + "_00000000"); got != sumBad {
		t.Error("a bad Grafana checksum counts as", got)
	}
}
