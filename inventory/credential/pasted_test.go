package credential

import (
	"strings"
	"testing"

	"nhitop/inventory"
)

func TestPasted(t *testing.T) {
	slack := "xox" + "b-" + strings.Repeat("1234567890", 1) + "-" + strings.Repeat("9", 12) + "-" + "FAKE" + strings.Repeat("a", 20)
	for name, c := range map[string]struct{ text, kind, err string }{
		"alone":           {slack, "slack-bot-token", ""},
		"with blanks":     {"  " + slack + "\n", "slack-bot-token", ""},
		"an assignment":   {"export SLACK_BOT_TOKEN=" + slack, "slack-bot-token", ""},
		"a header":        {"Authorization: Bearer " + slack, "slack-bot-token", ""},
		"a page's blanks": {"SERVICE_TOKEN=\u00a0FAKE0123456789abZQ\u00a0", "generic-api-key", ""},
		"no known form":   {"FAKE-0123456789-abcdef-FAKE", "unknown", ""},
		"empty":           {" \n", "", "is empty"},
		"a variable":      {"${SLACK_TOKEN}", "", "stands for one"},
		"prose":           {"please have a look at this", "", "holds no credential"},
		"two":             {slack + "\n" + slack + "b", "", "holds 2 credentials"},
		"far too much":    {strings.Repeat("x", maxPasted+1), "", "larger than 64 KiB"},
	} {
		m, err := Pasted(inventory.NewValue(c.text))
		switch {
		case c.err == "" && (err != nil || strings.TrimSpace(m.Value.Reveal()) != m.Value.Reveal() || m.Kind != c.kind || m.Value.IsZero()):
			t.Errorf("%s: %s, %v", name, m.Kind, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), slack[5:15]) {
			t.Errorf("%s: the error quotes the text", name)
		}
	}
}
