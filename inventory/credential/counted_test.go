package credential

import "testing"

func TestCountedUp(t *testing.T) {
	for text, want := range map[string]bool{
		"sk-" + "1234567890abcdefghijklmnop":                   true,
		"1234567890abcdef1234567890abcdef":                     true,
		"ghp_" + "0123456789012345678901234567890123ab":        true,
		"xoxb-1234567890-" + "123456789012-FAKESlknotARealSec": false, // a team's number
		"FAKEnotARealSecret0123456789":                         false,
		"fa4efa4e-0000-4000-8000-fa4efa4efa4e":                 false,
		"a9876543210zyxwvut":                                   false,
		"":                                                     false,
	} {
		if got := counted(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if m := Find("xoxb-1234567890-"+"123456789012-FAKESlknotARealSecret0FA", Context{Key: "SLACK_BOT_TOKEN", Position: PositionEnv}); len(m) != 1 {
		t.Errorf("a token with a counted part is found %d times", len(m))
	}
}
