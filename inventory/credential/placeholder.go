package credential

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// dummyWords are words that people put where a secret belongs. A text made of nothing but these is a placeholder.
	dummyWords = set(`a an the my your our some any this that here is to be or and with for of from real actual secret secrets key keys token
		tokens api apikey apitoken password passwd pass pwd pat access auth bearer value string text goes put insert enter add paste
		replace replaceme change changeme me placeholder todo fixme tbd example sample demo dummy fake test testing none null nil
		undefined empty unset unused not needed notneeded required no nokey na required optional default foo bar baz qux anything whatever something
		local ollama lm studio lmstudio llama cpp sk pk xxx xx github gitlab openai anthropic google gemini slack
		linear notion figma stripe supabase sentry brave tavily exa azure aws perplexity deepseek openrouter personal
		private client id user username name host server database db redacted hidden removed masked omitted configured configure
		see env environment variable var set via dev development prod production staging mock stub key1 key2 my1 new old
		credential credentials org team project workspace account service bot app v1 ant proj
		random char chars character characters min minimum max maximum length least long strong secure super very unique safe please
		generate generated generator openssl rand hex base64 byte bytes bit bits jwt session cookie signing encryption nextauth same above`)
	// ownLanguages are "your", "password" and "key" where people write an example in their own script.
	ownLanguages = []string{"你的", "您的", "密码", "密钥", "請輸入", "あなたの", "パスワード", "여기에", "비밀번호", "ваш", "пароль", "ключ"}
	// dummyPasswords are user names and passwords of throw-away databases and examples.
	dummyPasswords = set(`password pass passwd pwd secret postgres mysql root admin user username guest test mongo redis rabbitmq
		example changeme changeit changethis mypassword yourpassword password123 letmein p@ssw0rd 123456 12345678 user123 dbpassword db_password
		minioadmin sa neo4j docker dev`)
	runs     = regexp.MustCompile(`(?i)x{4,}|\*{3,}|\.{3,}|…|•{2,}|_{5,}|#{4,}`)
	brackets = regexp.MustCompile(`^(?:<[^<>]*>|\[[A-Za-z0-9 _-]*\]|\{\{[^{}]*\}\}|%[A-Za-z_]\w*%|__\w+__|@@\w+@@|#\{[^{}]*\}#?)$`)
	asked    = regexp.MustCompile(`(?i)(?:^|[-_ ./:])(?:your|insert|replace|enter|paste|put|change)[-_ .]?(?:me|with|your|the|here|own|actual|real|this|api|key|token|secret|password|github|org)`)
	here     = regexp.MustCompile(`(?i)[-_ ](?:goes[-_ ])?here$|^your[-_ A-Z]`)
	envName  = regexp.MustCompile(`^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$`)
)

// Placeholder reports whether text stands where a secret belongs and is none: empty, <...>, YOUR_KEY, xxxx, changeme,
// sk-..., a variable's own name. The marks FAKE and notARealSecret inside a value make no placeholder of it.
func Placeholder(text string) bool {
	t := strings.TrimPrefix(strings.Trim(strings.TrimSpace(text), `"'`+"`"), "base64:") // Laravel's APP_KEY
	if len(t) > 400 {
		return false
	}
	low := strings.ToLower(t)
	switch {
	case t == "", brackets.MatchString(t), runs.MatchString(t), asked.MatchString(t), here.MatchString(t):
		return true
	case strings.Contains(low, "example") && !strings.Contains(low, "://") && !strings.Contains(low, "@"):
		return true
	case strings.Contains(low, "placeholder"), strings.Contains(low, "changeme"), strings.Contains(low, "dummy"):
		return true
	case strings.HasPrefix(low, "abc123") || strings.HasSuffix(low, "abcdef123456"):
		return true
	case counted(low) || containsAny(low, ownLanguages):
		return true
	case envName.MatchString(t) && nameStrength(t) != nameNot:
		return true
	case flat(t):
		return true
	}
	return onlyDummyWords(t)
}

const (
	leastCount  = 6  // letters or digits in a row that somebody counted up: 123456, abcdef
	mostCounted = 60 // per cent of a text
)

// counted reports a text that is for the most part counted up: sk-1234567890abcdefghij. A token that only has such a part
// (a team's number, say) may be one.
func counted(low string) bool {
	sum, run := 0, 1
	end := func() {
		if run >= leastCount {
			sum += run
		}
		run = 1
	}
	for i := 1; i < len(low); i++ {
		a, b := low[i-1], low[i]
		if b == a+1 && (b > '0' && b <= '9' || b > 'a' && b <= 'z') || a == '9' && b == '0' {
			run++
			continue
		}
		end()
	}
	end()
	return sum*100 >= len(low)*mostCounted && sum > 0
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// flat reports a text of one or two different letters and digits: xxxx, 000000, -----, ababab.
func flat(t string) bool {
	if i := strings.LastIndexAny(t, "-_"); i >= 0 && i < 16 && len(t)-i > 8 {
		t = t[i+1:] // sk-xxxxxxxx, ghp_000000000000
	}
	seen := map[rune]bool{}
	for _, r := range t {
		seen[r] = true
	}
	switch n := len(seen); {
	case n <= 1:
		return true
	default:
		return n == 2 && len(t) >= 6
	}
}

func onlyDummyWords(t string) bool {
	if len(t) > 80 {
		return false
	}
	w := words(t)
	for _, x := range w {
		if !dummyWords[x] && !allDigits(x) && !dummyWords[strings.Trim(x, "0123456789")] {
			return false
		}
	}
	// A number alone is no placeholder: it may be somebody's password.
	return len(w) == 0 || !allDigits(strings.Join(w, ""))
}

// dummyLogin reports a password of examples and throw-away services: the user's own name, or one of the usual words.
func dummyLogin(user, password string) bool {
	low := strings.ToLower(password)
	return Placeholder(password) || dummyPasswords[low] || low != "" && low == strings.ToLower(user)
}
