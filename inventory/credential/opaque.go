package credential

import (
	"regexp"
	"strings"
)

var (
	modelName = regexp.MustCompile(`(?i)^(?:[\w.-]+/)?(?:gpt|claude|gemini|gemma|llama|mistral|mixtral|codestral|qwen|deepseek|o[1345]|grok|command|phi|kimi|glm|text-embedding|sonnet|opus|haiku|nova|titan)[-_.:0-9][\w.:-]*$`)
	filePath  = regexp.MustCompile(`^(?:~|\.{1,2})?/[\w.@~ /-]*$|^[A-Za-z]:[\\/]|^\.{1,2}[\\/]|^[\w.@/-]+\.(?:pem|key|crt|cer|json|jsonc|ya?ml|toml|txt|env|pub|p12|pfx|ini|conf|cfg|sh|js|ts|py|md|db|sqlite)$`)
	dateLike  = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$|^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.]+)?$`)
	hostLike  = regexp.MustCompile(`^(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|ai|app|cloud|local|internal|example|test|co|sh)(?::\d+)?$|^[\d.]+:\d+$|^localhost(?::\d+)?$`)
	codeLike  = regexp.MustCompile(`[(){};<>|]|\s|^\w+(?:\.\w+)+$|^@|=>`)
	emailLike = regexp.MustCompile(`^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$`)
	// publicID are keys that their issuers mean for everybody to see: Stripe, PostHog, Supabase, Google's tags (2026-11).
	publicID = regexp.MustCompile(`^(?:pk_(?:test|live)_|phc_|sb_publishable_|ca-pub-|G-[A-Z0-9]{8,12}$|UA-\d+-\d+$|GTM-)`)
	boolLike = set("true false yes no on off null none nil undefined enabled disabled auto bearer basic oauth oauth2 jwt token")
)

const (
	minOpaque   = 8
	minPassword = 4
	minRandom   = 16
)

// opaqueSecret reports whether a value of no known form, under a key of that strength, is a secret rather than one of
// the many things that stand under such keys: placeholders, references, paths, numbers, words, names of models.
func opaqueSecret(value string, strength int, password bool) bool {
	minLen := minOpaque
	if password {
		minLen = minPassword
	}
	switch {
	case len(value) < minLen, Placeholder(value), boolLike[strings.ToLower(value)]:
		return false
	case filePath.MatchString(value) && !looksRandom(value, 32), strings.Contains(value, "://"), dateLike.MatchString(value), hostLike.MatchString(value):
		return false
	case emailLike.MatchString(value), modelName.MatchString(value), publicID.MatchString(value):
		return false
	case !password && !ascii(value): // a generator writes ASCII
		return false
	case !password && (codeLike.MatchString(value) || allDigits(value)):
		return false
	case password && (strings.ContainsAny(value, " \t\n") || strings.HasSuffix(value, "()")):
		return false
	case envName.MatchString(value):
		return false
	}
	if isReference(value) {
		return false
	}
	if strength == nameWeak && !looksRandom(value, minRandom) {
		return false
	}
	return !wordLike(value)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// wordLike reports a text that people could read out: letters only, in words, without a digit.
func wordLike(s string) bool {
	longest, run := 0, 0
	upperInside := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			run++
			longest = max(longest, run)
			if c <= 'Z' && i > 0 && s[i-1] >= 'a' {
				upperInside++
			}
		case c == '-' || c == '_' || c == '.' || c == ' ' || c == '/' || c == ':':
			run = 0
		default:
			return false
		}
	}
	const longWord, humps = 20, 4
	return longest < longWord && upperInside < humps
}

// looksRandom reports a text of at least n characters with digits and letters mixed as a generator does it.
func looksRandom(s string, n int) bool {
	if len(s) < n {
		return false
	}
	digits, letters, changes := 0, 0, 0
	last := 0
	for i := range len(s) {
		kind := 3
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			kind = 0
		case c >= 'a' && c <= 'z':
			letters++
			kind = 1
		case c >= 'A' && c <= 'Z':
			letters++
			kind = 2
		}
		if kind != last && i > 0 {
			changes++
		}
		last = kind
	}
	return digits > 0 && letters > 0 && changes*6 >= len(s)
}
