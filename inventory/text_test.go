package inventory

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":               {"claude-code ~/.claude.json", "claude-code ~/.claude.json"},
		"letters of others":   {"Zoë 安 Ж", "Zoë 安 Ж"},
		"colour":              {"a\x1b[31mred\x1b[0mb", "aredb"},
		"cursor":              {"x\x1b[2J\x1b[1;1Hy", "xy"},
		"title, bell":         {"a\x1b]0;owned\x07b", "ab"},
		"title, string end":   {"a\x1b]0;owned\x1b\\b", "ab"},
		"link":                {"\x1b]8;;http://x.example\x1b\\go\x1b]8;;\x1b\\", "go"},
		"clipboard":           {"\x1b]52;c;AAAA\x07z", "z"},
		"device control":      {"a\x1bP+q544e\x1b\\b", "ab"},
		"application":         {"a\x1b_Gf=1\x1b\\b", "ab"},
		"8-bit CSI":           {"a\u009b31mb", "ab"},
		"8-bit OSC":           {"a\u009d0;t\u009cb", "ab"},
		"raw 8-bit byte":      {"a\x9b31mb", `a\x9b31mb`},
		"charset":             {"a\x1b(0b", "ab"},
		"unfinished CSI":      {"a\x1b[31", "a"},
		"unfinished OSC":      {"a\x1b]0;t", "a"},
		"lone escape":         {"a\x1b", "a"},
		"line ends":           {"a\r\nb\tc", "a  b c"},
		"backspace":           {"a\bb", `a\u0008b`},
		"NUL":                 {"a\x00b", `a\u0000b`},
		"delete":              {"a\x7fb", `a\u007fb`},
		"right to left":       {"exe\u202egpj", `exe\u202egpj`},
		"isolate":             {"a\u2066b\u2069", `a\u2066b\u2069`},
		"zero width":          {"gi\u200bthub", `gi\u200bthub`},
		"byte order mark":     {"\ufeffx", `\ufeffx`},
		"tag letters":         {"a\U000e0041", `a\U000e0041`},
		"line separator":      {"a\u2028b", `a\u2028b`},
		"hangul filler":       {"a\u3164b", `a\u3164b`},
		"joined emoji":        {"\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"},
		"joiner in a word":    {"a\u200db", `a\u200db`},
		"not UTF-8":           {"a\xffb", `a\xffb`},
		"escape in an escape": {"\x1b\x1b[31mx", "[31mx"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Clean(c.in); got != c.want {
				t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestCleanCutsLongText(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 10000), strings.Repeat("安", 10000), strings.Repeat("\u202e", 10000)} {
		got := Clean(s)
		if len(got) > maxText || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%d bytes became %d, valid %v, end %q", len(s), len(got), utf8.ValidString(got), got[len(got)-8:])
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\x1b[31mb", "\x1b]0;t\x07", "\u202eabc", "\x9b\x9d\x90", "\U0001f469\u200d\U0001f4bb", "a\xffb\x00",
		"\x1b\x1b\x1b[", strings.Repeat("\u200b", 3000), "\ufe0f\u200d\U0001f600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		if len(got) > maxText {
			t.Fatalf("%d bytes", len(got))
		}
		for _, r := range got {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != 0x200d {
				t.Fatalf("%U is left in %q", r, got)
			}
		}
		if again := Clean(got); again != got {
			t.Fatalf("no fixed point: %q becomes %q", got, again)
		}
	})
}
