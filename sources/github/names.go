package github

import (
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// found is a product that an identity of GitHub was recognised as.
type found struct {
	kind  string // catalogue id, or custom
	entry *catalogue.Assistant
	how   catalogue.Default
	note  string // why, and how sure that is
	sure  bool
}

const custom = "custom"

// byName is a word in a name that speaks of an assistant. A product's own name says which; the others say no more than
// that somebody called it so.
var (
	generic = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:ai|agents?|agentic|assistant|llm|gpt|chatgpt|mcp|genai|copilot|autofix|refactor(?:ing)?[-_ ]?bot|coder)(?:[^a-z]|$)`)
	product = regexp.MustCompile(`(?i)(?:^|[^a-z])(claude(?:[-_ ]?code)?|codex|copilot|cursor|devin|gemini|qwen|cline|roo|kilo|aider|openhands|windsurf|cody|opencode|augment|junie|jules|droid|kiro|tabnine|sweep|coderabbit|replit|antigravity|trae)(?:[^a-z]|$)`)
)

// products are the words of product, and the product that each is. Names that are words of every day (continue, goose,
// amp, warp, zed, crush) are left out.
var products = map[string]string{
	"claude": "claude-code", "claudecode": "claude-code", "codex": "codex", "copilot": "copilot", "cursor": "cursor", "devin": "devin", "gemini": "gemini-cli",
	"qwen": "qwen-code", "cline": "cline", "roo": "roo-code", "kilo": "kilo-code", "aider": "aider", "openhands": "openhands", "windsurf": "windsurf", "cody": "cody",
	"opencode": "opencode", "augment": "augment", "junie": "junie", "jules": "jules", "droid": "factory-droid", "kiro": "kiro", "tabnine": "tabnine", "sweep": "sweep",
	"coderabbit": "coderabbit", "replit": "replit", "antigravity": "antigravity", "trae": "trae",
}

// app recognises an installed app. nil means that nothing speaks for an assistant.
func (s *Source) app(id int64, slug, name string) *found {
	if match(s.opt.NoAssistants, slug) {
		return nil
	}
	if !s.server() {
		if a, row := s.cat.AppByID("github", id); a != nil {
			return &found{a.ID, a, row.Default, "known by the number of its app", true}
		}
	}
	if a, row := s.cat.AppBySlug("github", slug); a != nil {
		f := &found{a.ID, a, row.Default, "known by the slug of its app", !s.server()}
		if s.server() {
			f.note += ", which anybody may choose on an Enterprise Server"
		}
		return f
	}
	if match(s.opt.Assistants, slug) {
		return &found{kind: custom, note: "named in the configuration (assistants)", sure: true}
	}
	return s.hint(slug + " " + name)
}

// account recognises a person's or machine's account that is an assistant's.
func (s *Source) account(login string) *found {
	if match(s.opt.NoAssistants, login) {
		return nil
	}
	if a, row := s.cat.AppBySlug("github", login); a != nil {
		return &found{a.ID, a, row.Default, "known by the login of its account", true}
	}
	if match(s.opt.Assistants, login) {
		return &found{kind: custom, note: "named in the configuration (assistants)", sure: true}
	}
	return nil
}

// token recognises a token by its name or note: a hint and no more.
func (s *Source) token(login, name string) *found {
	if f := s.account(login); f != nil {
		return f
	}
	if name == "" || match(s.opt.NoAssistants, name) {
		return nil
	}
	if match(s.opt.Assistants, name) {
		return &found{kind: custom, note: "named in the configuration (assistants)", sure: true}
	}
	return s.hint(name)
}

// hint goes by words of a name.
func (s *Source) hint(name string) *found {
	const low = ": a hint, no proof"
	if m := product.FindStringSubmatch(name); m != nil {
		word := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(m[1]))
		if id := products[word]; id != "" {
			if a := s.cat.Assistant(id); a != nil {
				return &found{kind: id, entry: a, how: catalogue.Default{}, note: "its name speaks of " + a.Name + low}
			}
		}
	}
	if generic.MatchString(name) {
		return &found{kind: custom, note: "its name speaks of an assistant" + low}
	}
	return nil
}

// record begins the record of an assistant.
func (f *found) record(id inventory.ID, name string) inventory.Assistant {
	a := inventory.Assistant{
		ID: id, Kind: f.kind, Name: name, Scope: "org", Class: inventory.ClassUnknown, Guessed: !f.sure,
		Autonomy: inventory.AutonomyUnknown, AutonomyReason: "how it works is set at its vendor", Sandbox: inventory.SandboxUnknown, Status: "unknown",
	}
	if f.entry != nil {
		a.Vendor = f.entry.Vendor
	}
	if f.how.Autonomy != "" {
		a.Autonomy, a.AutonomyReason = inventory.Autonomy(f.how.Autonomy), f.how.Why
	}
	if f.how.Sandbox != "" {
		a.Sandbox, a.SandboxReason = inventory.Sandbox(f.how.Sandbox), f.how.Why
	}
	a.Network = f.how.Network
	return a
}
