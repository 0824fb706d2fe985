package named

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"nhitop/inventory/catalogue"
)

// Recogniser tells by names which account, token or key is an assistant's. A name is all that providers show; what it tells
// is a sign and no proof, and the evidence says so.
type Recogniser struct {
	at    string // the provider
	own   []ownName
	bots  map[string]string // login -> catalogue id
	names map[string]string // words of a product's name, without what parts them -> catalogue id
	cat   *catalogue.Catalogue
}

type ownName struct{ pattern, kind string }

// Configured is how [Recogniser.Kind] told what the operator's own patterns say.
const Configured = "named in the configuration"

// ByNameOnly is how [Recogniser.Kind] told what nothing but the words of a name say.
const ByNameOnly = "told by its name only"

// Custom is the kind of an assistant that the catalogue does not know.
const Custom = "custom"

// common are products whose name is a word that stands in other names too: they count only beside a word that says agent.
var common = map[string]bool{"continue": true, "amp": true, "goose": true, "crush": true, "warp": true, "sweep": true, "trae": true, "zed": true, "replit": true, "nhitop": true, "vscode": true}

// aliases are how a product is called besides its id and name.
var aliases = map[string][]string{
	"claude-code": {"claude", "anthropic"}, "codex": {"openai"}, "copilot": {"github-copilot"}, "gitlab-duo": {"duo"}, "gemini-cli": {"gemini"},
}

// agentWords say that something is an assistant, and not which.
var agentWords = map[string]bool{"ai": true, "agent": true, "agents": true, "llm": true, "gpt": true, "genai": true, "mcp": true}

// New makes a recogniser for a provider (as the catalogue names it), of the catalogue and of patterns of one's own (any
// case, * any text), each with a catalogue id or [Custom]. unsaid are words that say nothing where it is used: every key at a vendor may bear the vendor's name. The error
// begins with the key assistants.
func New(at string, cat *catalogue.Catalogue, own map[string]string, unsaid ...string) (*Recogniser, error) {
	r := &Recogniser{at: at, bots: map[string]string{}, names: map[string]string{}, cat: cat}
	for pattern, kind := range own {
		if kind != Custom && cat.Assistant(kind) == nil {
			return nil, fmt.Errorf("assistants: %q is no id of the catalogue; write one, or %q", kind, Custom)
		}
		if _, err := path.Match(strings.ToLower(pattern), ""); err != nil || pattern == "" {
			return nil, fmt.Errorf("assistants: %q is no pattern", pattern)
		}
		r.own = append(r.own, ownName{strings.ToLower(pattern), kind})
	}
	slices.SortFunc(r.own, func(a, b ownName) int { return strings.Compare(b.pattern, a.pattern) })
	for i := range cat.Assistants {
		a := &cat.Assistants[i]
		for _, b := range a.CI.Bots {
			r.bots[strings.ToLower(b)] = a.ID
		}
		for _, n := range append([]string{a.ID, a.Name}, aliases[a.ID]...) {
			if key := strings.Join(words(n), ""); r.names[key] == "" {
				r.names[key] = a.ID
			}
		}
	}
	for _, w := range unsaid {
		delete(r.names, w)
	}
	return r, nil
}

// words are the words of a name, in lower case: svc_claude-code has three.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// mostWords is the length of the longest name of a product.
const mostWords = 3

// Kind returns the catalogue id of the assistant that a name speaks of, and how it told; "" for none.
func (r *Recogniser) Kind(names ...string) (kind, how string) {
	for _, n := range names {
		low := strings.ToLower(n)
		for _, o := range r.own {
			if ok, _ := path.Match(o.pattern, low); ok {
				return o.kind, Configured
			}
		}
		if k := r.bots[low]; k != "" {
			return k, "the account's name is the product's own"
		}
		if a, _ := r.cat.AppBySlug(r.at, low); a != nil && low != "" {
			return a.ID, "the account's name is the product's own"
		}
	}
	agent := false
	for _, n := range names {
		ws := words(n)
		says := slices.ContainsFunc(ws, func(w string) bool { return agentWords[w] })
		agent = agent || says
		for length := mostWords; length > 0; length-- {
			for i := 0; i+length <= len(ws); i++ {
				if k := r.names[strings.Join(ws[i:i+length], "")]; k != "" && (says || !common[k]) {
					return k, ByNameOnly
				}
			}
		}
	}
	if agent {
		return Custom, ByNameOnly
	}
	return "", ""
}

// Product is the name and vendor of a kind, "" for one that the catalogue does not know.
func (r *Recogniser) Product(kind string) (name, vendor string) {
	if a := r.cat.Assistant(kind); a != nil {
		return a.Name, a.Vendor
	}
	return "", ""
}
