package github

import (
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/sources/github/githubsim"
)

// An alert is about the credential that stands in the file: the same one that lies on a laptop. One that is not there any
// more stays a secret by itself.
func TestAlertIsTheCredentialInTheFile(t *testing.T) {
	leaked := "gh" + "p_FAKEMcpnotARealSecret0FAKEMcpn2fglSm"
	for name, c := range map[string]struct {
		text string
		line int
		tied bool
	}{
		"there":          {"{\n  \"token\": \"" + leaked + "\"\n}\n", 2, true},
		"taken out":      {"{\n  \"token\": \"\"\n}\n", 2, false},
		"another line":   {"{\n  \"token\": \"" + leaked + "\"\n}\n", 3, false},
		"file is gone":   {"", 2, false},
		"another issuer": {"{\n  \"token\": \"" + literalKey + "\"\n}\n", 2, false},
	} {
		w := company(func(o *githubsim.Org) {
			r := githubsim.Repo{Name: "web", Alerts: []githubsim.Alert{{Type: "github_personal_access_token", Secret: leaked, Validity: "active", Public: true, Path: ".mcp.json", Line: c.line, Created: ago(0)}}}
			if c.text != "" {
				r.Files = map[string]string{".mcp.json": c.text}
			}
			o.Repos = []githubsim.Repo{r}
		})
		s := scene{world: w, opt: options()}
		s.opt.Skip = []string{"tokens", "requests", "sso", "copilot", "agent"}
		b, err := s.read(t)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(b.Records.Secrets, func(x inventory.Secret) bool { return x.Exposure == inventory.ExposureLeaked })
		if i < 0 {
			t.Errorf("%s: no leak", name)
			continue
		}
		if x := b.Records.Secrets[i]; (x.Fingerprint != "") != c.tied || x.Kind != "github-pat-classic" || x.State != inventory.StateLive {
			t.Errorf("%s: %+v", name, x)
		}
	}
}
