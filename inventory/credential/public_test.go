package credential

import "testing"

// What stands in example files of public repositories where a secret belongs, in other words of the same form.
func TestWhatExamplesSayInsteadOfASecret(t *testing.T) {
	for _, c := range []struct{ key, text string }{
		{"COOKIE_SECRET", "random_32_char_string"},
		{"NEXTAUTH_SECRET", "super-secure-production-secret-32-chars-minimum"},
		{"JWT_SECRET", "your-super-secret-jwt-token-with-at-least-32-characters-long"},
		{"JWT_SECRET", "super_secret_key_min_32_characters_long!!"},
		{"AUTH_SECRET", "random-secret-32-chars"},
		{"AUTH_SECRET", "openssl rand -base64 32"},
		{"AUTH_SECRET", "`openssl rand -hex 32`"},
		{"AUTH_SECRET", "generate-with-openssl-rand-base64-32"},
		{"AUTH_SECRET", "generate_a_random_secret_here"},
		{"SESSION_SECRET", "a-long-random-string"},
		{"SESSION_SECRET", "keyboard cat"},
		{"SECRET_KEY", "django-insecure-change-me-in-production"},
		{"SECRET_KEY", "change-this-secret-in-production"},
		{"SECRET_KEY", "dev-secret-change-me"},
		{"SECRET_KEY", "please-change-this-key-32chars"},
		{"SECRET_KEY", "not-a-real-secret"},
		{"SECRET_KEY", "not-so-secret-key-for-local-dev"},
		{"SECRET_KEY", "local-dev-secret-do-not-use-in-prod"},
		{"APP_KEY", "base64:"},
		{"APP_KEY", "base64:your-app-key"},
		{"STRIPE_SECRET_KEY", "sk_test_..."},
		{"STRIPE_SECRET_KEY", "sk_test_your_key_here"},
		{"STRIPE_SECRET_KEY", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"},
		{"STRIPE_WEBHOOK_SECRET", "whsec_..."},
		{"STRIPE_WEBHOOK_SECRET", "whsec_your_webhook_secret"},
		{"RESEND_API_KEY", "re_..."},
		{"RESEND_API_KEY", "re_xxxxxxxxxxxx"},
		{"RESEND_API_KEY", "re_your_api_key"},
		{"OPENAI_API_KEY", "sk-your-openai-api-key"},
		{"OPENAI_API_KEY", "sk-proj-your-key-here"},
		{"OPENAI_API_KEY", "sk-no-key-required"},
		{"OPENAI_API_KEY", "sk-1234567890abcdef1234567890abcdef"},
		{"ANTHROPIC_API_KEY", "sk-ant-api03-your-key-here"},
		{"ANTHROPIC_API_KEY", "sk-ant-xxxxx"},
		{"ANTHROPIC_AUTH_TOKEN", "sk-dummy"},
		{"GITHUB_TOKEN", "ghp_your_token_here"},
		{"GITHUB_TOKEN", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{"GITHUB_PERSONAL_ACCESS_TOKEN", "github_pat_your_token"},
		{"GITHUB_PERSONAL_ACCESS_TOKEN", "${input:github_token}"},
		{"SLACK_BOT_TOKEN", "xoxb-your-bot-token"},
		{"SLACK_BOT_TOKEN", "xoxb-0000000000-0000000000000-xxxxxxxxxxxx"},
		{"DATABASE_PASSWORD", "你的数据库密码"},
		{"JWT_SECRET_KEY", "你的JWT密钥至少32位"},
		{"API_KEY", "<your-api-key>"},
		{"API_KEY", "[YOUR API KEY]"},
		{"API_KEY", "YOUR-API-KEY"},
		{"API_KEY", "{YOUR_API_KEY}"},
		{"API_KEY", "{{API_KEY}}"},
		{"API_KEY", "{api_key}"},
		{"API_KEY", "$(cat ~/.key)"},
		{"API_KEY", "op://Private/key/credential"},
		{"API_KEY", "votre_cle_api"},
		{"API_KEY", "tu_api_key_aqui"},
		{"API_KEY", "sua-chave-api-aqui"},
		{"API_KEY", "dein-api-key-hier"},
		{"API_KEY", "ваш_ключ_api"},
		{"API_KEY", "abcdefghijklmnopqrstuvwxyz"},
		{"API_KEY", "abcdef1234567890abcdef1234567890"},
		{"API_KEY", "0123456789abcdef0123456789abcdef"},
		{"API_KEY", "00000000-0000-0000-0000-000000000000"},
		{"API_KEY", "same-as-above"},
		{"API_KEY", "ask-the-team-lead"},
		{"API_KEY", "get-from-dashboard"},
		{"API_KEY", "get_this_from_https_openrouter"},
		{"FUNCTION_TAG_KEY", "environment-tag-v2"},
		{"FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY", "schema-arn-2024"},
		{"KB_INCLUSION_TAG_KEY", "mcp-multirag-kb1"},
		{"GOOGLE_APPLICATION_CREDENTIALS", "/app/gcp-credentials.json"},
		{"GOOGLE_APPLICATION_CREDENTIALS", "D:\\keys\\service-account.json"},
		{"POSTGRES_PASSWORD", "postgres"},
		{"POSTGRES_PASSWORD", "example"},
		{"NEXT_PUBLIC_POSTHOG_KEY", "phc_" + "FAKE5a7Kq2mVx9RtYw3LpBn8CdGh4JsZ6TfQe1Uo0Wi"},
		{"NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", "pk_test_" + "FAKE51H7Kq2mVx9RtYw3LpBn8"},
		{"NEXT_PUBLIC_RECAPTCHA_SITE_KEY", "6Lc" + "FAKE7Kq2mVx9RtYw3LpBn8CdGh4JsZ6TfQe1U"},
		{"VITE_SUPABASE_ANON_KEY", jwtOf(`{"iss":"supabase","ref":"fakefakefakefakefake","role":"anon","iat":1700000000,"exp":2000000000}`)},
		{"SUPABASE_ANON_KEY", jwtOf(`{"iss":"supabase","ref":"fakefakefakefakefake","role":"anon","iat":1700000000,"exp":2000000000}`)},
		{"SUPABASE_PUBLISHABLE_KEY", "sb_publishable_" + "FAKE7Kq2mVx9RtYw3Lp"},
		{"DATABASE_URL", "postgresql://USER:PASSWORD@HOST:5432/DB"},
		{"DATABASE_URL", "postgres://prod_user:SECURE_PASSWORD@prod-server/app"},
		{"DATABASE_URL", "postgresql://user:pass@host:5432/app"},
		{"DATABASE_URL", "mysql+pymysql://root:password@localhost:3306/app"},
		{"DATABASE_URL", "mongodb+srv://<username>:<password>@cluster0.mongodb.net/app"},
		{"DATABASE_URL", "mongodb+srv://username:password@cluster.mongodb.net/app?retryWrites=true"},
		{"DATABASE_URL", "postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres"},
		{"DATABASE_URL", "postgresql://${DB_USER}:${DB_PASSWORD}@localhost/app"},
		{"DATABASE_URL", "postgresql://postgres:your_password@localhost:5432/app"},
		{"REDIS_URL", "redis://:your-redis-password@localhost:6379"},
		{"SENTRY_DSN", "https://" + "fa4efa4efa4efa4efa4efa4efa4efa4e" + "@o123456.ingest.sentry.io/4507"},
		{"SENTRY_DSN", "https://examplePublicKey@o0.ingest.sentry.io/0"},
	} {
		if ms := Find(c.text, Context{Key: c.key}); len(ms) != 0 {
			t.Errorf("%s=%s is reported as %s", c.key, c.text, ms[0].Kind)
		}
	}
}

// What is a secret all the same: weak ones, ones in a file of examples, ones under a public-looking name.
func TestSecretsAmongExamples(t *testing.T) {
	for _, c := range []struct{ key, text, kind string }{
		{"JWT_SECRET", "acme_jwt_signing_FAKE_9f2c", "generic-api-key"},
		{"NEXTAUTH_SECRET", "FAKE" + "12D16C923BA17672F89B18C1DB22A", "generic-api-key"},
		{"ENCRYPTION_SECRET", fake(32), "generic-api-key"},
		{"DB_PASSWORD", "Winter" + "FAKE2024!", "generic-password"},
		{"API_KEY", "fa4e" + "5b0e-2c1d-4f3a-9b8c-7d6e5f4a3b2c", "generic-api-key"},
		{"SUPABASE_SERVICE_ROLE_KEY", jwtOf(`{"iss":"supabase","ref":"fakefakefakefakefake","role":"service_role","iat":1700000000,"exp":2000000000}`), ""},
		{"DATABASE_URL", "postgresql://svc:" + "FAKEq7Zt" + "@db.internal.example/app", "connection-url-password"},
		{"STRIPE_SECRET_KEY", "sk_live_" + "FAKE51H7Kq2mVx9RtYw3LpBn8CdGh4JsZ6", "stripe-live-key"},
	} {
		ms := Find(c.text, Context{Key: c.key})
		if len(ms) != 1 || c.kind != "" && ms[0].Kind != c.kind {
			t.Errorf("%s: %d matches, want one %s: %v", c.key, len(ms), c.kind, ms)
		}
	}
}
