package theme

import (
	"strings"
	"testing"
)

func TestModes(t *testing.T) {
	for s := Plain; s < count; s++ {
		if got := New(Mono).Paint(s, "text"); got != "text" {
			t.Errorf("style %d without sequences is %q", s, got)
		}
		got := New(NoColor).Paint(s, "text")
		for _, colour := range []string{"[3", ";3", "[9", ";9", "[4m\x1b[4"} {
			if strings.Contains(got, "\x1b"+colour) || strings.HasPrefix(colour, ";") && strings.Contains(got, colour) {
				t.Errorf("style %d without colour is %q", s, got)
			}
		}
		if got := New(Color16).Paint(s, "text"); s != Plain && !strings.HasPrefix(got, "\x1b[") {
			t.Errorf("style %d in colour is %q", s, got)
		}
	}
}

func TestWriteIsPaint(t *testing.T) {
	th := New(Color16)
	for s := Plain; s < count; s++ {
		var b strings.Builder
		th.Write(&b, s, "text")
		if b.String() != th.Paint(s, "text") {
			t.Errorf("style %d: %q and %q", s, b.String(), th.Paint(s, "text"))
		}
	}
}
