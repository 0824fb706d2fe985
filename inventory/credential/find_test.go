package credential

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

type corpusCase struct {
	Tree, File, Pointer, Key, Position, Text, Kind, Last4 string
	Reference                                             bool
}

func corpus(t testing.TB) []corpusCase {
	t.Helper()
	data, err := os.ReadFile("testdata/corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	var cs []corpusCase
	if err := json.Unmarshal(data, &cs); err != nil {
		t.Fatal(err)
	}
	if len(cs) < 60 {
		t.Fatalf("only %d cases", len(cs))
	}
	return cs
}

// fileSays are kinds that only the file tells, not the value or its key: the catalogue declares them.
var fileSays = map[string]bool{"aws-sso-access-token": true, "aws-sso-refresh-token": true, "aws-temporary-key": true,
	"gcp-service-account-key": true, "terraform-cloud-token": true, "azure-refresh-token": true, "basic-auth": true, "docker-hub-pat": true}

// TestCorpus reads the values of real configuration files as they stand in them.
func TestCorpus(t *testing.T) {
	for _, c := range corpus(t) {
		t.Run(c.Tree+"/"+c.File+c.Pointer, func(t *testing.T) {
			ctx := Context{Key: c.Key, Position: c.Position}
			if fileSays[c.Kind] {
				ctx.Declared, ctx.DeclaredKind = true, c.Kind
			}
			ms := Find(c.Text, ctx)
			if c.Kind == "" {
				if len(ms) != 0 {
					t.Fatalf("%d matches of what is no secret, first %s", len(ms), ms[0].Kind)
				}
				if _, ok := Reference(c.Text); c.Reference && strings.ContainsAny(c.Text, "${") && !ok {
					t.Fatal("not told to be a reference")
				}
				return
			}
			if len(ms) != 1 {
				t.Fatalf("%d matches", len(ms))
			}
			if ms[0].Kind != c.Kind {
				t.Fatalf("kind %s, want %s", ms[0].Kind, c.Kind)
			}
			if !strings.HasSuffix(ms[0].Value.Reveal(), c.Last4) {
				t.Fatal("not the last four characters")
			}
			if h := ms[0].Value.Hint(); h != "" && c.Last4 != "" && h != c.Last4 {
				t.Fatalf("hint %q, want %q", h, c.Last4)
			}
			if strings.HasPrefix(c.Kind, "github-") && c.Kind != "github-app-user" && ms[0].Checksum != sumOK {
				t.Fatal("the checksum does not fit")
			}
			if r := Redact(c.Key + "=" + c.Text); strings.Contains(r, ms[0].Value.Reveal()) {
				t.Fatal("not redacted")
			}
		})
	}
}

func fake(n int) string {
	const parts = "FAKE7notA4RealSecret9x2K"
	return strings.Repeat(parts, n/len(parts)+1)[:n]
}

func jwtOf(claims string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc([]byte(claims)) + "." + enc([]byte("FAKE-SIGNATURE"))
}

func TestFindForms(t *testing.T) {
	key := "sk-ant-" + "api03-" + fake(93) + "AA"
	gh := "ghp_" + fake(30) + crc62(fake(30))
	pass := "FAKE" + "pgPassw0rd"
	tests := []struct {
		name, text string
		ctx        Context
		kind, form string
		value      string // "": no match is expected
		account    string
	}{
		{"whole", key, Context{}, "anthropic-api-key", "whole", key, ""},
		{"bearer of a known form", "Bearer " + gh, Context{Key: "Authorization", Position: PositionHeader}, "github-pat-classic", "header", gh, ""},
		{"token scheme", "token " + gh, Context{Key: "Authorization", Position: PositionHeader}, "github-pat-classic", "header", gh, ""},
		{"opaque bearer", "Bearer " + fake(40), Context{Key: "Authorization", Position: PositionHeader}, "opaque-bearer", "header", fake(40), ""},
		{"basic header", "Basic " + base64.StdEncoding.EncodeToString([]byte("svc:"+pass)), Context{Key: "Authorization", Position: PositionHeader}, "basic-auth", "base64", pass, "svc"},
		{"argument", "--api-key=" + key, Context{Position: PositionArgument}, "anthropic-api-key", "argument", key, ""},
		{"opaque argument", "--api-key=" + fake(32), Context{Position: PositionArgument}, "generic-api-key", "argument", fake(32), ""},
		{"header in an argument", "Authorization: Bearer " + fake(40), Context{Position: PositionArgument}, "opaque-bearer", "header", fake(40), ""},
		{"header name in an argument", "X-Api-Key: " + fake(30), Context{Position: PositionArgument}, "generic-api-key", "argument", fake(30), ""},
		{"docker -e", "GITHUB_TOKEN=" + gh, Context{Position: PositionArgument}, "github-pat-classic", "argument", gh, ""},
		{"database url", "postgresql://svc:" + pass + "@db.internal.example:5432/app", Context{Key: "DATABASE_URL"}, "connection-url-password", "url-userinfo", pass, "svc@db.internal.example"},
		{"password with a slash", "postgres://svc:FAKE/pass#w0rd9@db/app", Context{}, "connection-url-password", "url-userinfo", "FAKE/pass#w0rd9", "svc@db"},
		{"escaped password", "postgres://svc:FAKE%40w0rd9@db/app", Context{}, "connection-url-password", "url-userinfo", "FAKE@w0rd9", "svc@db"},
		{"redis without a user", "redis://:" + pass + "@cache:6379/0", Context{}, "connection-url-password", "url-userinfo", pass, "@cache"},
		{"web url", "https://dev:" + pass + "@git.corp.example/x.git", Context{}, "basic-auth", "url-userinfo", pass, "dev@git.corp.example"},
		{"token as password", "https://octo:" + gh + "@github.com", Context{}, "github-pat-classic", "url-userinfo", gh, "octo@github.com"},
		{"token as user", "https://" + gh + "@github.com/o/r.git", Context{}, "github-pat-classic", "url-userinfo", gh, "github.com"},
		{"token before x-oauth-basic", "https://" + gh + ":x-oauth-basic@github.com", Context{}, "github-pat-classic", "url-userinfo", gh, "github.com"},
		{"url in a text", "run with postgres://svc:" + pass + "@db/app, please", Context{}, "connection-url-password", "url-userinfo", pass, "svc@db"},
		{"query of a known form", "https://mcp.example/x?tavilyApiKey=tvly-" + fake(32), Context{Position: PositionURL}, "tavily-api-key", "url-query", "tvly-" + fake(32), ""},
		{"opaque query", "https://mcp.example/x?a=1&api_key=" + fake(32) + "&b=2", Context{Position: PositionURL}, "generic-api-key", "url-query", fake(32), "mcp.example"},
		{"provider=key", "deepseek=" + fake(32), Context{Key: "api-key", Declared: true}, "deepseek-api-key", "text", fake(32), ""},
		{"json in a variable", `{"client_id":"x","refreshToken":"` + fake(40) + `"}`, Context{Key: "AUGMENT_SESSION_AUTH"}, "oauth-refresh", "json", fake(40), ""},
		{"default of a variable", "${TOKEN:-" + gh + "}", Context{Key: "TOKEN"}, "github-pat-classic", "text", gh, ""},
		{"opaque default", "${API_KEY:-" + fake(32) + "}", Context{Key: "X"}, "generic-api-key", "text", fake(32), ""},
		{"connection string", "Server=db;User Id=svc;Password=" + pass + ";", Context{}, "connection-url-password", "text", pass, "svc@db"},
		{"libpq", "host=db user=svc password=" + pass, Context{}, "connection-url-password", "text", pass, "svc@db"},
		{"storage account", "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=" + fake(64) + "==", Context{}, "azure-storage-key", "text", fake(64) + "==", "acct"},
		{"curl -u", "curl -u dev:" + pass + " https://x.example", Context{Position: PositionArgument}, "basic-auth", "argument", pass, "dev"},
		{"aws secret by name", fake(40), Context{Key: "AWS_SECRET_ACCESS_KEY"}, "aws-secret-key", "whole", fake(40), ""},
		{"declared", fake(12), Context{Key: "x", Declared: true, DeclaredKind: "acme-token"}, "acme-token", "whole", fake(12), ""},
		{"jwt by key", jwtOf(`{"sub":"u1"}`), Context{Key: "id_token"}, "jwt", "whole", jwtOf(`{"sub":"u1"}`), "u1"},
		{"declared jwt", jwtOf(`{"sub":"u1"}`), Context{Declared: true, DeclaredKind: "acme-access"}, "acme-access", "whole", jwtOf(`{"sub":"u1"}`), "u1"},

		{"variable", "${TOKEN}", Context{Key: "TOKEN"}, "", "", "", ""},
		{"bearer variable", "Bearer ${env:LINEAR_API_KEY}", Context{Key: "Authorization", Position: PositionHeader}, "", "", "", ""},
		{"bearer prompt", "Bearer ${input:gh}", Context{Key: "Authorization", Position: PositionHeader}, "", "", "", ""},
		{"bearer command", "Bearer $(gh auth token)", Context{Key: "Authorization", Position: PositionHeader}, "", "", "", ""},
		{"url of variables", "postgres://${DB_USER}:${DB_PASS}@db/app", Context{Key: "DATABASE_URL"}, "", "", "", ""},
		{"query variable", "https://x.example/?api_key=${API_KEY}", Context{Position: PositionURL}, "", "", "", ""},
		{"throw-away database", "postgresql://postgres:postgres@localhost:5432/app", Context{Key: "DATABASE_URL"}, "", "", "", ""},
		{"example database", "postgresql://user:password@localhost/db", Context{Key: "DATABASE_URL"}, "", "", "", ""},
		{"plain url", "https://shop.example/a?b=c", Context{Key: "API_KEY"}, "", "", "", ""},
		{"url with a port and an @", "https://host:8443/users/@me", Context{}, "", "", "", ""},
		{"path", "/etc/ssl/private/server.pem", Context{Key: "PRIVATE_KEY"}, "", "", "", ""},
		{"home path", "~/.config/acme/token", Context{Key: "ACME_TOKEN"}, "", "", "", ""},
		{"model", "claude-sonnet-4-20250514", Context{Key: "KEY"}, "", "", "", ""},
		{"number", "4096000000", Context{Key: "API_KEY"}, "", "", "", ""},
		{"boolean", "true", Context{Key: "AUTH_TOKEN"}, "", "", "", ""},
		{"word", "production", Context{Key: "SECRET"}, "", "", "", ""},
		{"no name", fake(40), Context{Key: "commit"}, "", "", "", ""},
		{"own name", "OPENAI_API_KEY", Context{Key: "OPENAI_API_KEY"}, "", "", "", ""},
		{"key id", "AKIA" + "QYLPMN5HFAKEFAKE", Context{Key: "AWS_ACCESS_KEY_ID"}, "", "", "", ""},
		{"documented example", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", Context{Key: "AWS_SECRET_ACCESS_KEY"}, "", "", "", ""},
		{"masked", "ghp_" + strings.Repeat("x", 36), Context{Key: "GITHUB_TOKEN"}, "", "", "", ""},
		{"public supabase key", jwtOf(`{"iss":"supabase","role":"anon"}`), Context{Key: "SUPABASE_ANON"}, "", "", "", ""},
		{"token limit", "128000", Context{Key: "MAX_TOKENS"}, "", "", "", ""},
		{"sentry dsn", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2", Context{Key: "SENTRY_URL"}, "", "", "", ""},
		{"keyboard", "ctrl+shift+k", Context{Key: "key"}, "", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ms := Find(tt.text, tt.ctx)
			if tt.value == "" {
				if len(ms) != 0 {
					t.Fatalf("%d matches, first %s %s, want none", len(ms), ms[0].Kind, ms[0].Form)
				}
				return
			}
			if len(ms) != 1 {
				t.Fatalf("%d matches, want 1", len(ms))
			}
			m := ms[0]
			if m.Kind != tt.kind || m.Form != tt.form || m.Value.Reveal() != tt.value || m.Account != tt.account {
				t.Fatalf("%s %s account %q, value right: %v; want %s %s %q", m.Kind, m.Form, m.Account, m.Value.Reveal() == tt.value, tt.kind, tt.form, tt.account)
			}
			if r := Redact(tt.text); tt.ctx.Key == "" && tt.form != "base64" && !tt.ctx.Declared && strings.Contains(r, tt.value) {
				t.Fatal("Redact leaves it")
			}
		})
	}
}

func TestSeveral(t *testing.T) {
	gh, key := "ghp_"+fake(36), "sk-ant-"+"api03-"+fake(93)+"AA"
	text := "export A=" + gh + "\ncurl -H 'x-api-key: " + key + "' postgres://u:FAKEw0rd77@h/d\n"
	ms := Find(text, Context{Position: PositionFile})
	if len(ms) != 3 {
		t.Fatalf("%d matches, want 3", len(ms))
	}
	for i, want := range []string{"github-pat-classic", "anthropic-api-key", "connection-url-password"} {
		if ms[i].Kind != want || text[ms[i].Start:ms[i].End] != ms[i].Value.Reveal() {
			t.Errorf("match %d is %s", i, ms[i].Kind)
		}
	}
}

func TestIdentity(t *testing.T) {
	if got, ok := AWSAccount("AKIA" + "QYLPMN5HFAKEFAKE"); !ok || got != "052310077262" {
		t.Errorf("account %q", got)
	}
	if got, ok := AWSAccount("ASIA" + "QNZGKIQYFAKEFAKE"); !ok || got != "029608264752" {
		t.Errorf("account %q", got)
	}
	for _, bad := range []string{"", "AKIA", "AKIA" + "IOSFODNN7EXAMPLE", "AROA" + "QNZGKIQYFAKEFAKE", "AKIA" + "1111111111111111"} {
		if _, ok := AWSAccount(bad); ok {
			t.Errorf("an account out of %q", bad)
		}
	}
	exp := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name, text, kind, account, note string
		expires                         time.Time
		life                            inventory.Answer
	}{
		{"service account", jwtOf(`{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:shop:ci-agent"}`), "kubernetes-sa-token-jwt",
			"system:serviceaccount:shop:ci-agent", "", time.Time{}, inventory.Yes},
		{"azure", jwtOf(`{"iss":"https://sts.windows.net/t/","upn":"dev@example.com","tid":"t1","iat":1767222000,"exp":1767225600}`),
			"azure-access-token-jwt", "dev@example.com", "tenant t1", exp, inventory.No},
		{"sentry org", "sntrys_" + base64.StdEncoding.EncodeToString([]byte(`{"iat":1700000000.5,"url":"https://sentry.io","org":"acme"}`)) + "_" + fake(43),
			"sentry-org-token", "acme", "", time.Time{}, inventory.Yes},
		{"slack app", "xapp-1-A0" + "FAKEAPP01-1000000000000-" + strings.Repeat("fa4e", 16), "slack-app-token", "", "", time.Time{}, inventory.Yes},
		{"bedrock", "ABSK" + base64.StdEncoding.EncodeToString([]byte("BedrockAPIKey-ab12-at-123456789012:"+fake(60))), "bedrock-key", "123456789012", "", time.Time{}, inventory.Yes},
		{"bedrock short", "bedrock-api-key-" + base64.StdEncoding.EncodeToString([]byte("bedrock.amazonaws.com/?X-Amz-Credential=ASIA"+"QNZGKIQYFAKEFAKE%2F20251231&X-Amz-Date=20251231T120000Z&X-Amz-Expires=43200")),
			"bedrock-key", "029608264752", "", exp, inventory.No},
		{"copilot", "tid=fa4e;exp=1767225600;sku=seat;8kp=1:FAKEsig", "copilot-session-token", "", "", exp, inventory.No},
		{"pypi", "pypi-" + base64.RawURLEncoding.EncodeToString([]byte("\x02\x01\x08"+"pypi"+".org\x02\x24"+fake(36)+"[0,1767225600,1] [1,[\"shop\"]] "+fake(40))), "pypi-token", "", "", exp, ""},
		{"1password", "ops_" + base64.RawURLEncoding.EncodeToString([]byte(`{"signInAddress":"my.1password.com","email":"svc@1password.com"}`)), "onepassword-service-account-token", "svc@1password.com", "", time.Time{}, inventory.Yes},
	}
	for _, tt := range tests {
		ms := Find(tt.text, Context{})
		if len(ms) != 1 {
			t.Errorf("%s: %d matches", tt.name, len(ms))
			continue
		}
		if m := ms[0]; m.Kind != tt.kind || m.Account != tt.account || m.Note != tt.note || !m.Expires.Equal(tt.expires) || m.LongLived != tt.life {
			t.Errorf("%s: %s %q %q %v %q", tt.name, m.Kind, m.Account, m.Note, m.Expires, m.LongLived)
		}
	}
}

// Tokens of verdaccio are base64 of two words in hex; what is sent is the text as it stands.
func TestRegistryTokenIsNoPair(t *testing.T) {
	text := base64.StdEncoding.EncodeToString([]byte("fa4e0123456789abcdef0123456789ab:fa4e9876543210fedcba9876543210fe"))
	for name, ctx := range map[string]Context{
		"declared": {Key: "//npm.example.com/:_authToken", Declared: true, DeclaredKind: "npm-token", Position: PositionConfig},
		"by name":  {Key: "//npm.example.com/:_authToken", Position: PositionConfig},
		"variable": {Key: "NPM_TOKEN", Position: PositionEnv},
		"of CI":    {Key: "NODE_AUTH_TOKEN", Position: PositionEnv},
		"yarn":     {Key: "npmAuthToken", Position: PositionConfig},
		"a token":  {Key: "DEPLOY_TOKEN", Position: PositionEnv},
	} {
		m := Find(text, ctx)
		if len(m) != 1 || m[0].Value.Reveal() != text || m[0].Form != "whole" || m[0].Kind != "npm-token" && name != "a token" || m[0].Issuer != "npm" && name != "declared" && name != "a token" {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for _, line := range []string{"export NPM_TOKEN=" + text, "//npm.example.com/:_authToken=" + text, "NODE_AUTH_TOKEN: '" + text + "'"} {
		if m, err := Pasted(inventory.NewValue(line)); err != nil || m.Value.Reveal() != text || m.Kind != "npm-token" {
			t.Errorf("pasted %.12s...: %s %v", line, m.Kind, err)
		}
	}
	if m := Find(text, Context{Key: "_auth", Declared: true, Position: PositionConfig}); len(m) != 1 || m[0].Form != "base64" {
		t.Errorf("_auth: %+v", m)
	}
}
