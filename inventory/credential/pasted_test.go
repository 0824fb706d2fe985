package credential

import (
	"strings"
	"testing"

	"nhitop/inventory"
)

func TestPasted(t *testing.T) {
	slack := "xox" + "b-" + strings.Repeat("1234567890", 1) + "-" + strings.Repeat("9", 12) + "-" + "FAKE" + strings.Repeat("a", 20)
	fine := "github" + "_pat_" + "11FAKE0Q7rT2bV9xK4mZw1" + "_" + "FAKEp8Ls3Dy6Hn" + "Qe5Wr7Ty2Ui9Op4As1Df6Gh3Jk8Lz5Xc0Vb7Nm2Qw9Er4"
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
		"two in prose":    {"first " + slack + " and then " + fine, "", "holds 2 credentials (slack-bot-token, github-pat-fine-grained)"},
		"cut off":         {fine[:60], "", "begins like a github-pat-fine-grained, and is 33 characters too short"},
		"begins as many":  {"sk-" + "FAKE1q9Zr7Tb", "unknown", ""},
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
