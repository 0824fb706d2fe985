package credential

import "testing"

func TestSecretName(t *testing.T) {
	yes := []string{"API_KEY", "apiKey", "OPENAI_API_KEY", "openai-api-key", "GITHUB_TOKEN", "GITHUB_PERSONAL_ACCESS_TOKEN", "CLIENT_SECRET",
		"clientSecret", "DB_PASSWORD", "PGPASSWORD", "passwd", "MYSQL_PWD", "GH_PAT", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "X-Api-Key",
		"Authorization", "_authToken", "accessToken", "oauth_token", "--token", "SLACK_BOT_TOKEN", "credential", "JWT", "OPENAIAPIKEY",
		"STRIPE_SECRET_KEY", "SECRET_KEY_BASE64", "API_KEY_PROD", "TOKEN_2", "CONTEXT7_API_KEY", "key", "auth", "X-Sentry-Token", "llm_api_key",
		"ACCESS_KEY", "ENCRYPTION_KEY", "npmAuthToken", "oauth2_refresh_token", "aws_session_token", "openRouterApiKey", "DB_PASS"}
	no := []string{"", "PUBLIC_KEY", "KEY_ID", "AWS_ACCESS_KEY_ID", "private_key_id", "TOKEN_LIMIT", "MAX_TOKENS", "maxTokens", "KEYBOARD", "AUTH_TYPE",
		"authMethod", "TOKEN_URL", "tokenUri", "PASSWORD_FILE", "SECRET_NAME", "API_KEY_ENV", "apiKeyHelper", "bearer_token_env_var", "keyring",
		"primary_key", "cacheKey", "PATH", "COMPASS", "author", "monkey", "tokenizer", "SECRETS_DIR", "client_id", "ssh_host_key", "next_page_token",
		"max_token", "publishable_key", "compat", "passive", "keypress", "ACCESS_TOKEN_EXPIRES_AT", "envKey", "selectedAuthType", "NO_TOKEN", "pathPattern"}
	for _, n := range yes {
		if !SecretName(n) {
			t.Errorf("%q is the name of a secret", n)
		}
	}
	for _, n := range no {
		if SecretName(n) {
			t.Errorf("%q is not the name of a secret", n)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	yes := []string{"", "  ", "YOUR_API_KEY", "your-api-key-here", "<your key>", "<API_KEY>", "xxx", "xxxxxxxx", "changeme", "change-me", "not-needed",
		"dummy-key", "sk-...", "sk-xxxx", "sk-ant-...", "****", "ghp_****", "EXAMPLE", "example-token", "GITHUB_TOKEN", "YOUR_GITHUB_TOKEN_HERE",
		"insert-your-key", "{{API_KEY}}", "my-secret-key", "api-key", "token", "none", "null", "TODO", "[YOUR_TOKEN]", "%API_KEY%", "__TOKEN__",
		"sk-1234567890", "00000000", "REPLACE_ME", "replace-with-your-token", "lm-studio", "ollama", "sk-no-key-required", "AKIAIOSFODNN7" + "EXAMPLE",
		"[redacted]", "test-key", "sk-your-openai-key", "<github_pat>", "enter_your_key", "password", "ghp_yourtoken", "fake", "pk-test"}
	no := []string{"FAKEnotARealSecret0001", "sk-ant-" + "api03-FAKEAntnotARealSecret0", "fa4efa4efa4efa4e", "hunter2", "Tr0ub4dor&3", "12345",
		"d-FAKEnotARealSecret0004", "FAKEdeploySecretnotARealSecret0000000000", "correct-horse-battery", "s3cr3t!", "q8Zr-FAKE-p1Lw"}
	for _, s := range yes {
		if !Placeholder(s) {
			t.Errorf("%q is a placeholder", s)
		}
	}
	for _, s := range no {
		if Placeholder(s) {
			t.Errorf("%q is no placeholder", s)
		}
	}
}

func TestReference(t *testing.T) {
	yes := map[string]string{"${VAR}": RefEnv, "${VAR:-d}": RefEnv, "$VAR": RefEnv, "$github_token": RefEnv, "{env:VAR}": RefEnv, "{file:~/.key}": RefFile,
		"${env:VAR}": RefEnv, "${input:gh}": RefPrompt, "${{ secrets.X }}": RefCISecret, "${{ github.token }}": RefCISecret, "$(gh auth token)": RefCommand,
		"`op read x`": RefCommand, "op://Private/GitHub/token": RefKeyring, "vault:secret/data/x#key": RefKeyring,
		"arn:aws:secretsmanager:us-east-1:111122223333:secret:x": RefKeyring, "%GITHUB_TOKEN%": RefEnv, "Bearer ${TOKEN}": RefEnv,
		"Bearer ${input:t}": RefPrompt, "token $GH_TOKEN": RefEnv, "https://x.example/?key=${KEY}": RefEnv, "${API:-https://mcp.internal.example}/mcp": RefEnv,
		"os.environ/OPENAI_API_KEY": RefEnv, "keyring:acme": RefKeyring, "ENC[AES256_GCM,data:x]": RefKeyring, "postgres://u:$DB_PASS@h/d": RefEnv,
		"${command:ext.token}": RefCommand, "$env:GITHUB_TOKEN": RefEnv, "{{ .Env.TOKEN }}": RefEnv}
	for text, kind := range yes {
		if r, ok := Reference(text); !ok || r.Kind != kind {
			t.Errorf("%q: %q %v, want %q", text, r.Kind, ok, kind)
		}
	}
	for _, text := range []string{"", "abc", "FAKE$ecret99", "pa$$word", "ghp_FAKE", "https://shop.example/a", "${workspaceFolder}/x", "$5", "100%", "a{b}c", "Bearer FAKEx"} {
		if _, ok := Reference(text); ok {
			t.Errorf("%q is no reference", text)
		}
	}
	secret := "ghp_" + fake(36)
	if r, ok := Reference("${T:-" + secret + "}"); !ok || r.Text != "${T:-[redacted]}" {
		t.Errorf("a default is shown, or not told to be one: %v", ok)
	}
}
