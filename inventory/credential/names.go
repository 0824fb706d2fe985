package credential

import (
	"strings"
	"unicode"
)

// words splits a name at separators and at the humps of camelCase, in lower case: "X-Api-Key" and "apiKey" alike.
func words(name string) []string {
	var out []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			out = append(out, strings.ToLower(string(cur)))
			cur = cur[:0]
		}
	}
	rs := []rune(name)
	for i, r := range rs {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1])):
			flush()
		case unicode.IsUpper(r) && i > 0 && unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1]):
			flush()
		}
		cur = append(cur, r)
	}
	flush()
	return out
}

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

var (
	// secretWords make the name that ends with them a secret's.
	secretWords = set(`password passwd passphrase pwd pass passcode secret secrets token apikey apitoken apisecret accesstoken authtoken
		refreshtoken secretkey privatekey clientsecret accesskey pat credential credentials creds bearer authorization jwt dsn authkey
		personalaccesstoken sessiontoken mypassword dbpassword pswd apppassword`)
	// weakWords do so only for a value that looks random.
	weakWords = set(`key keys auth cookie session signature sig sas apikeys token64 pw`)
	// keyBefore are the words before "key" that make it a key of another sort.
	keyBefore = set(`public pub primary foreign sort partition cache hot shortcut host routing map index group meta row cell object
		answer question translation message i18n query storage dedupe idempotency unique natural lookup registry order default
		issue project jira config setting settings json yaml header param env class known allowed left right arrow enter escape
		publishable anon site client turnkey monkey key tag label dimension attribute`)
	// tokenBefore are the words before "token" that make it a piece of text.
	tokenBefore = set(`max min num per total input output prompt completion pad eos bos unk sep cls mask stop special next page
		continuation cancellation budget thinking context no first last count sync csrf`)
)

// SecretName reports whether a key, variable, header or flag of that name holds a secret by its name: KEY, TOKEN,
// SECRET, PASSWORD and their like at its end, but not PUBLIC_KEY, KEY_ID, MAX_TOKENS or KEYBOARD.
func SecretName(name string) bool { return nameStrength(name) != nameNot }

const (
	nameNot = iota
	nameWeak
	nameStrong
)

func nameStrength(name string) int {
	if len(name) == 0 || len(name) > 200 {
		return nameNot
	}
	w := words(name)
	for len(w) > 1 && (allDigits(w[len(w)-1]) || trailing[w[len(w)-1]]) {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return nameNot
	}
	last, before := w[len(w)-1], ""
	if len(w) > 1 {
		before = w[len(w)-2]
	}
	switch {
	case last == "token" && tokenBefore[before], before == "no":
		return nameNot
	case last == "key" && before == "":
		return nameWeak
	case last == "key" || last == "keys":
		if keyBefore[before] {
			return nameNot
		}
		if last == "keys" || before == "" {
			return nameWeak
		}
		return nameStrong
	case secretWords[last]:
		return nameStrong
	case weakWords[last]:
		return nameWeak
	case len(w) > 1 && secretWords[before+last]: // API_KEY is two words, APIKEY one
		return nameStrong
	case last == "base64" || last == "b64" || last == "plain" || last == "plaintext" || last == "raw" || last == "value":
		return nameStrength(strings.Join(w[:len(w)-1], "_"))
	}
	for _, s := range []string{"apikey", "password", "passwd", "secretkey", "accesstoken", "authtoken"} {
		if strings.HasSuffix(last, s) { // OPENAIAPIKEY
			return nameStrong
		}
	}
	return nameNot
}

// trailing are words after a secret's name that number or place it: API_KEY_PROD, TOKEN_1.
var trailing = set(`prod production dev development staging stage test testing live local old new backup ci default primary secondary main ro rw`)

// namedKinds tells the kind and issuer of an opaque value from its key. The longest suffix of words decides.
var namedKinds = []struct{ name, kind, issuer string }{
	{"aws_secret_access_key", "aws-secret-key", "aws"},
	{"aws_secret_key", "aws-secret-key", "aws"},
	{"secret_access_key", "aws-secret-key", "aws"},
	{"aws_session_token", "aws-session-token", "aws"},
	{"aws_bearer_token_bedrock", "bedrock-key", "aws"},
	{"client_secret", "oauth-client-secret", ""},
	{"consumer_secret", "oauth-client-secret", ""},
	{"oauth_refresh_token", "oauth-refresh", ""},
	{"refresh_token", "oauth-refresh", ""},
	{"oauth_access_token", "oauth-access", ""},
	{"access_token", "oauth-access", ""},
	{"context7_api_key", "context7-key", "context7"},
	{"datadog_api_key", "datadog-api-key", "datadog"},
	{"dd_api_key", "datadog-api-key", "datadog"},
	{"datadog_app_key", "datadog-app-key", "datadog"},
	{"dd_app_key", "datadog-app-key", "datadog"},
	{"cloudflare_api_token", "cloudflare-api-token", "cloudflare"},
	{"azure_openai_api_key", "azure-openai-key", "azure"},
	{"azure_client_secret", "azure-client-secret", "azure"},
	{"jira_api_token", "atlassian-api-token", "atlassian"},
	{"confluence_api_token", "atlassian-api-token", "atlassian"},
	{"deepseek_api_key", "deepseek-api-key", "deepseek"},
	{"dashscope_api_key", "dashscope-api-key", "alibaba"},
	{"mistral_api_key", "mistral-api-key", "mistral"},
	{"cohere_api_key", "cohere-api-key", "cohere"},
	{"exa_api_key", "exa-api-key", "exa"},
	{"brave_api_key", "brave-api-key", "brave"},
	{"elevenlabs_api_key", "elevenlabs-api-key", "elevenlabs"},
	{"together_api_key", "together-api-key", "together"},
	{"heroku_api_key", "heroku-api-key", "heroku"},
	{"gitlab_token", "gitlab-pat", "gitlab"},
	{"trello_token", "trello-token", "trello"},
	{"trello_api_key", "trello-api-key", "trello"},
	{"telegram_bot_token", "telegram-bot-token", "telegram"},
	{"discord_token", "discord-bot-token", "discord"},
	{"discord_bot_token", "discord-bot-token", "discord"},
	{"vercel_token", "vercel-token", "vercel"},
	{"vault_token", "vault-service-token", "vault"},
	{"npm_token", kindNPM, "npm"},
	{"npm_auth_token", kindNPM, "npm"},
	{"node_auth_token", kindNPM, "npm"},
	{"password", kindPassword, ""},
	{"passwd", kindPassword, ""},
	{"pwd", kindPassword, ""},
	{"pass", kindPassword, ""},
	{"passphrase", kindPassword, ""},
}

const (
	kindGeneric  = "generic-api-key"
	kindPassword = "generic-password"
	kindBearer   = "opaque-bearer"
	kindBasic    = "basic-auth"
	kindURL      = "connection-url-password"
	kindNPM      = "npm-token"
)

// nameIssuers tells the issuer of an opaque key from a word of its name.
var nameIssuers = set(`openai anthropic github gitlab slack linear notion figma sentry stripe supabase google gemini azure aws
	mistral cohere groq perplexity deepseek openrouter huggingface replicate tavily exa firecrawl brave serper serpapi smithery composio
	zapier airtable asana clickup hubspot shopify twilio sendgrid datadog grafana newrelic cloudflare vercel netlify heroku
	digitalocean mongodb redis elastic elasticsearch postgres mysql pinecone qdrant weaviate jira confluence atlassian
	bitbucket npm docker kubernetes vault terraform snowflake databricks neon upstash langfuse langsmith wandb elevenlabs apify
	browserbase e2b magic 21st context7 obsidian todoist trello discord telegram youtube twitter reddit spotify wolfram alpaca
	minimax moonshot zhipu dashscope volcengine siliconflow xai cerebras fireworks together nvidia jina voyage`)

// named returns kind and issuer of an opaque value under that key.
func named(key string) (kind, issuer string) {
	if strings.HasSuffix(strings.ToLower(key), "_authtoken") { // npm's own name for it
		return kindNPM, "npm"
	}
	w := words(key)
	joined := "_" + strings.Join(w, "_")
	kind = kindGeneric
	for _, n := range namedKinds {
		if joined == "_"+n.name || strings.HasSuffix(joined, "_"+n.name) && exactSuffix(n.kind) {
			kind, issuer = n.kind, n.issuer
			break
		}
	}
	if issuer != "" {
		return kind, issuer
	}
	for _, x := range w {
		if nameIssuers[x] {
			return kind, x
		}
	}
	return kind, ""
}

// exactSuffix tells the kinds that a longer name keeps: MY_APP_CLIENT_SECRET is a client secret, but GITLAB_ACCESS_TOKEN
// need not be an OAuth access token.
func exactSuffix(kind string) bool { return kind != "oauth-access" }
