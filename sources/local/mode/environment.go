package mode

import (
	"strings"

	"nhitop/inventory"
)

// variable is an environment variable that goes before every file.
type variable struct {
	name     string
	autonomy map[string]inventory.Autonomy // by lower-case value; "*" for any other but empty, 0 and false
	sandbox  map[string]inventory.Sandbox
}

// variables are by catalogue id. Source: each product's help and documentation, 2026-11.
var variables = map[string][]variable{
	"goose": {{name: "GOOSE_MODE", autonomy: map[string]inventory.Autonomy{"auto": inventory.AutonomyUnattended, "smart_approve": inventory.AutonomyAutoEdit,
		"approve": inventory.AutonomyAsk, "chat": inventory.AutonomySuggest}}},
	"aider":       {{name: "AIDER_YES_ALWAYS", autonomy: map[string]inventory.Autonomy{"*": inventory.AutonomyUnattended}}},
	"copilot-cli": {{name: "COPILOT_ALLOW_ALL", autonomy: map[string]inventory.Autonomy{"*": inventory.AutonomyUnattended}}},
	"gemini-cli": {{name: "GEMINI_SANDBOX", sandbox: map[string]inventory.Sandbox{"*": inventory.SandboxContainer, "sandbox-exec": inventory.SandboxWorkspace,
		"false": inventory.SandboxNone}}},
}

// environment applies what the environment sets.
func (s *state) environment() {
	for _, v := range variables[s.in.Entry.ID] {
		text := strings.ToLower(strings.TrimSpace(s.in.Env[v.name]))
		if text == "" {
			continue
		}
		reason := "the environment sets " + v.name + " to " + clean(text)
		if a, ok := choose(v.autonomy, text); ok && !s.barred {
			s.set(a, reason)
		}
		if b, ok := choose(v.sandbox, text); ok {
			s.confine(b, reason)
		}
	}
}

func choose[T any](values map[string]T, text string) (T, bool) {
	if v, ok := values[text]; ok {
		return v, true
	}
	v, ok := values["*"]
	return v, ok && text != "0" && text != "false" && text != "no"
}
