package credential

import (
	"regexp"
	"strings"
)

// Kinds of reference, as in inventory.Reference.
const (
	RefEnv         = "env"
	RefPrompt      = "prompt"
	RefFile        = "file"
	RefCommand     = "command"
	RefKeyring     = "keyring"
	RefCISecret    = "ci-secret"
	RefHelper      = "helper"
	RefPlaceholder = "placeholder"
)

// refForms tell what stands for a secret that is kept elsewhere. Whole forms must be all of the text, the others may be
// a part of it (a URL, a header).
var refForms = []struct {
	re   *regexp.Regexp
	kind string
}{
	{regexp.MustCompile(`\$\{\{\s*(?:secrets|github)\b[^{}]*\}\}`), RefCISecret},
	{regexp.MustCompile(`\$\{\{\s*inputs\b[^{}]*\}\}`), RefPrompt},
	{regexp.MustCompile(`\$\{\{[^{}]+\}\}`), RefEnv},
	{regexp.MustCompile(`\$\{(?:input|promptString):[^{}]*\}`), RefPrompt},
	{regexp.MustCompile(`\$\{command:[^{}]*\}`), RefCommand},
	{regexp.MustCompile(`\$\{(?:file|secretfile):[^{}]*\}`), RefFile},
	{regexp.MustCompile(`\$\{(?:secret|keyring|keychain|vault):[^{}]*\}`), RefKeyring},
	{regexp.MustCompile(`\$\{(?:env:)?[A-Za-z_][\w.-]*(?::?[-=?+][^{}]*)?\}`), RefEnv},
	{regexp.MustCompile(`\$\{(?:env:)?[A-Za-z_][\w.]*:?[-=?+]\$\{[^{}]*\}\}`), RefEnv},
	{regexp.MustCompile(`\{env:[^{}]+\}`), RefEnv},
	{regexp.MustCompile(`\{file:[^{}]+\}`), RefFile},
	{regexp.MustCompile(`\{\{-?\s*\.?\w[^{}]*\}\}`), RefEnv},
	{regexp.MustCompile(`\$\([^()]*(?:\([^()]*\)[^()]*)*\)`), RefCommand},
	{regexp.MustCompile("^`[^`]+`$"), RefCommand},
	{regexp.MustCompile(`^\$(?:env:)?[A-Za-z_]\w*_\w*$|^\$(?:env:)?[A-Z_][A-Z0-9_]*$`), RefEnv},
	{regexp.MustCompile(`(?:[\s/=:@"'])\$[A-Z][A-Z0-9_]{2,}(?:$|[\s/:@"'&?])`), RefEnv},
	{regexp.MustCompile(`^%[A-Za-z_][A-Za-z0-9_]*%$`), RefEnv},
	{regexp.MustCompile(`^(?:env[:.]|os\.environ/|process\.env\.|!env\s+|env://)[A-Za-z_]\w*$`), RefEnv},
	{regexp.MustCompile(`^file:[/~.]\S*$`), RefFile},
	{regexp.MustCompile(`^(?:cmd|command|exec|shell):\s*\S`), RefCommand},
	{regexp.MustCompile(`^(?:op|secret|secrets|keyring|keychain|vault|bws|akv|keyvault|gcp-?sm|awssm|sm|doppler|ssm)://\S+$`), RefKeyring},
	{regexp.MustCompile(`^(?:keyring|keychain|vault|secretref|gcp-secret|secretsmanager|ssm|credstash|libsecret):\S+$`), RefKeyring},
	{regexp.MustCompile(`^arn:aws[\w-]*:(?:secretsmanager|ssm):\S+$`), RefKeyring},
	{regexp.MustCompile(`^projects/[^/\s]+/secrets/[^/\s]+(?:/versions/\S+)?$`), RefKeyring},
	{regexp.MustCompile(`^@Microsoft\.KeyVault\(.*\)$`), RefKeyring},
	{regexp.MustCompile(`^(?:!vault|!secret)\b`), RefKeyring},
	{regexp.MustCompile(`^ENC\[[A-Z0-9_]+,`), RefKeyring},
}

// editorVars stand for folders and the like, not for secrets.
var editorVars = regexp.MustCompile(`\$\{(?:workspaceFolder|workspaceRoot|userHome|file|relativeFile|fileBasename|cwd|pathSeparator|/|extensionPath|__dirname|HOME|PWD|USER|PATH|CLAUDE_PLUGIN_ROOT|CLAUDE_PROJECT_DIR|extensionPath|workspacePath)(?::[^{}]*)?\}|\$(?:HOME|PWD|USER|PATH)\b`)

const maxReference = 8 << 10

// Reference reports whether text stands for a secret kept elsewhere: a variable, a prompt, a file, a command, a keyring
// or a secret manager's entry, alone or as a part of a header or URL. The text of the result is safe to show: a literal
// secret in it, such as the default of ${VAR:-default}, is taken out.
func Reference(text string) (Ref, bool) {
	kind := referenceKind(text)
	if kind == "" {
		return Ref{}, false
	}
	return Ref{Kind: kind, Text: Redact(strings.TrimSpace(text))}, true
}

func isReference(text string) bool { return referenceKind(text) != "" }

func referenceKind(text string) string {
	t := strings.TrimSpace(text)
	if len(t) < 3 || len(t) > maxReference || !strings.ContainsAny(t, "$%{`:/!@[.") {
		return ""
	}
	body := t
	if scheme, rest, ok := cutScheme(t); ok && scheme != "" {
		body = rest
	}
	body = editorVars.ReplaceAllString(body, "")
	for _, f := range refForms {
		if f.re.MatchString(body) {
			return f.kind
		}
	}
	return ""
}

var schemes = regexp.MustCompile(`^(?i:(bearer|token|basic|apikey|api-key|bot|key|sso-key|negotiate|digest|genie-key|ghp))[ \t]+(\S.*)$`)

// cutScheme takes the scheme off the value of an Authorization header.
func cutScheme(text string) (scheme, rest string, ok bool) {
	g := schemes.FindStringSubmatch(text)
	if g == nil {
		return "", text, false
	}
	return strings.ToLower(g[1]), g[2], true
}

var withDefault = regexp.MustCompile(`\$\{(?:env:)?([A-Za-z_][\w.]*):?[-=]([^{}]+)\}`)

// defaults calls f for each literal default of a variable in text.
func defaults(text string, f func(name, value string, start int)) {
	if !strings.Contains(text, "${") {
		return
	}
	for _, loc := range withDefault.FindAllStringSubmatchIndex(text, 64) {
		f(text[loc[2]:loc[3]], text[loc[4]:loc[5]], loc[4])
	}
}
