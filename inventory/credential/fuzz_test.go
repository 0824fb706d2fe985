package credential

import (
	"strings"
	"testing"
)

func seed(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c.Text, c.Key)
	}
	for _, s := range []string{"", "://", "a://b:c@", "-----BEGIN PRIVATE KEY-----", "${A:-${B:-x}}", "tid=;exp=1;", "Bearer ", "eyJ.eyJ.", `{"a":"\u0000\"b"}`,
		"token=[redacted]x", "password=", "--token", "$(", "-u a:b", "key: 'x", `\"token\":\"x`, "\xff\xfe token=\x00"} {
		f.Add(s, "api_key")
	}
}

func FuzzFind(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text, key string) {
		for _, ctx := range []Context{{Key: key}, {Key: key, Declared: true}, {Key: key, Position: PositionHeader}, {Position: PositionFile}, {Position: PositionArgument}} {
			at := 0
			for _, m := range Find(text, ctx) {
				if m.Start < at || m.End <= m.Start || m.End > len(text) || m.Value.IsZero() || m.Kind == "" || m.Form == "" {
					t.Fatalf("match %d-%d of %d, kind %q form %q", m.Start, m.End, len(text), m.Kind, m.Form)
				}
				at = m.End
			}
		}
		Reference(text)
		Placeholder(text)
		SecretName(key)
		SSHKey([]byte(text))
	})
}

func FuzzRedact(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text, _ string) {
		got := Redact(text)
		if again := Redact(got); again != got {
			t.Fatalf("not idempotent: %q then %q", got, again)
		}
		for _, m := range Find(text, Context{}) {
			if v := m.Value.Reveal(); len(v) >= leak && !strings.Contains(gone, v) && strings.Contains(got, v) {
				t.Fatal("a value is left")
			}
		}
		RedactArgs(strings.Fields(text))
		RedactURL(text)
	})
}
