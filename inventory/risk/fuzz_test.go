package risk

import (
	"testing"
	"unicode/utf8"
)

// Settings, arguments and modes come from files of others.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", `["Bash(*)"]`, "[", "https://[::1]:80/x", "--host=0.0.0.0:80", "0644", "non-prod", "ghp\xff", "http://%zz"} {
		f.Add(s, 3)
	}
	p := DefaultPolicy()
	f.Fuzz(func(t *testing.T, s string, n int) {
		rules := rulesOf(s)
		bindsAll(append(rules, "--host", s, s))
		worldReadable(s)
		_ = wildScope(s)
		p.production(s)
		p.modelHost(hostOf(s))
		if limit := 1 + n&0xff; utf8.ValidString(s) && utf8.RuneCountInString(short(s, limit)) > limit {
			t.Errorf("%q is longer than %d", short(s, limit), limit)
		}
	})
}
