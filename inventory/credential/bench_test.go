package credential

import (
	"strings"
	"testing"
)

// sourceText looks like a program: names, calls, strings, a few URLs and assignments.
func sourceText(n int) string {
	const part = `func (s *Server) handleToken(w http.ResponseWriter, r *http.Request) error {
	token := r.Header.Get("Authorization") // see https://docs.example/auth?x=1
	if token == "" || len(token) > maxTokens { return errors.New("no token") }
	password = os.Getenv("DB_PASSWORD"); key_path: "/etc/ssl/private/key.pem"
	return s.store.Put(ctx, "session-key", map[string]any{"sk-": 1, "glpat": true, "eyJhb": "x"})
}
`
	return strings.Repeat(part, n/len(part)+1)[:n]
}

func BenchmarkFind64K(b *testing.B) {
	text := sourceText(64 << 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Find(text, Context{Position: PositionFile})
	}
}

func BenchmarkFindCommand64K(b *testing.B) {
	text := sourceText(64 << 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Find(text, Context{})
	}
}

func BenchmarkFindValue(b *testing.B) {
	text := "Bearer ghp_" + fake(36)
	ctx := Context{Key: "Authorization", Position: PositionHeader}
	b.ReportAllocs()
	for b.Loop() {
		Find(text, ctx)
	}
}

func BenchmarkFindNothing(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Find("@modelcontextprotocol/server-filesystem", Context{Position: PositionArgument})
	}
}

func BenchmarkRedactArg(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Redact("Bash(npm run test:*)")
	}
}

// TestHostileTexts runs texts made to be slow; a test that hangs here is the failure.
func TestHostileTexts(t *testing.T) {
	for _, unit := range []string{"token=", "://", "a://b:c@", "eyJ", "Bearer ", "-----BEGIN PRIVATE KEY-----", "tid=a;exp=", "${A:-", "key:\"", "(", "--token ", "sk-", "{\"a\":", "ghp_", "password=\\\"", "x://y?token=", "&token=", "-u a:"} {
		text := strings.Repeat(unit, (128<<10)/len(unit))
		Find(text, Context{Key: "token", Declared: true})
		Redact(text)
	}
}
