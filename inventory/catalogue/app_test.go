package catalogue

import "testing"

func TestApps(t *testing.T) {
	c := Embedded()
	for slug, want := range map[string]string{
		"claude": "claude-code", "Claude[bot]": "claude-code", "devin-ai-integration": "devin", "copilot-swe-agent": "copilot", "Copilot": "copilot",
		"coderabbitai[bot]": "coderabbit", "dependabot": "", "": "",
	} {
		got := ""
		if a, app := c.AppBySlug("github", slug); a != nil {
			if got = a.ID; app == nil {
				t.Errorf("%s: no app", slug)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", slug, got, want)
		}
	}
	if a, app := c.AppByAccount("github", 209825114); a == nil || a.ID != "claude-code" || app.Default.Why == "" {
		t.Errorf("%v", a)
	}
	if a, _ := c.AppByAccount("gitlab", 209825114); a != nil {
		t.Error("numbers are of one host")
	}
	if a, _ := c.AppByID("github", 0); a != nil {
		t.Errorf("an app without a number is %s", a.ID)
	}
}
