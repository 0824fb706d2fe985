package risk

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nhitop/inventory/catalogue"
)

// Policy is what a company decides about judging. The zero value is not fit for use: start from [DefaultPolicy].
type Policy struct {
	Off     map[string]string // rule -> the reason why it is switched off
	Weights map[string]int    // rule -> points to add to its base, may be negative
	Because map[string]string // rule -> the reason of its weight, where one is given
	Custom  []Rule            // the user's own, of [NewRule]

	Production      []string // words in a name that mean production
	ApprovedServers []string // tool servers by catalogue id, name, package or host; empty: no list is kept, nothing is unapproved
	Places          []Place  // environment and sensitivity of resources; the first that matches and says so holds
	ModelHosts      []string // hosts that may get prompts and model keys; "*" stands for any text

	MaxSecretAge time.Duration // since creation or rotation
	MaxSecretTTL time.Duration // from creation to expiry
	Idle         time.Duration // since the last use of an assistant
	Fresh        time.Duration // since the last collection of a source
	ShortLived   time.Duration // a credential that ends this soon bounds its own harm
	KeepTrail    time.Duration // the record of what an assistant did is kept for this long at least
	MaxOwned     int           // assistants of one owner, four times as many secrets
	MaxUse       int           // hosts, tool servers or repositories that share one credential
	Fleet        int           // assistants with the same weakness that make it a fleet's

	ActNowWithin time.Duration
	AttendWithin time.Duration
	TrackWithin  time.Duration

	Catalogue *catalogue.Catalogue // what is known of tool servers and kinds of credential; nil: the embedded one
}

const day = 24 * time.Hour

// DefaultPolicy is the policy that holds without any configuration.
func DefaultPolicy() Policy {
	return Policy{
		Production: []string{"prod", "production", "prd", "live"},
		ModelHosts: slices.Clone(modelHosts),

		MaxSecretAge: 90 * day, MaxSecretTTL: 90 * day, Idle: 90 * day, Fresh: 7 * day, ShortLived: day, KeepTrail: 90 * day, MaxOwned: 25, MaxUse: 3, Fleet: 5,
		ActNowWithin: day, AttendWithin: 14 * day, TrackWithin: 60 * day,
	}
}

// modelHosts are the vendors' own model endpoints (facts of 2026-11-22).
var modelHosts = []string{
	"*.anthropic.com", "*.claude.com", "claude.ai", "*.openai.com", "chatgpt.com", "*.openai.azure.com",
	"*.services.ai.azure.com", "*.inference.ai.azure.com", "bedrock-runtime*.amazonaws.com", "generativelanguage.googleapis.com",
	"*aiplatform.googleapis.com", "cloudcode-pa.googleapis.com", "*.githubcopilot.com", "models.github.ai", "models.inference.ai.azure.com",
	"api.github.com", "*.cursor.sh", "*.cursor.com", "*.codeium.com", "*.windsurf.com", "*.mistral.ai", "api.deepseek.com",
	"api.groq.com", "api.x.ai", "openrouter.ai", "dashscope*.aliyuncs.com", "*.qwen.ai", "api.moonshot.*", "api.z.ai",
	"api.together.xyz", "api.fireworks.ai", "*.cohere.com", "api.perplexity.ai", "*.cline.bot", "*.sourcegraph.com",
	"ampcode.com", "*.factory.ai", "*.augmentcode.com", "opencode.ai", "*.kilocode.ai", "*.zed.dev", "*.gitlab.com", "*.jetbrains.ai",
}

// same reports whether two policies are one. Places and rules of the user's own, which cannot be compared, must be the same
// lists.
func (p *Policy) same(q *Policy) bool {
	return maps.Equal(p.Off, q.Off) && maps.Equal(p.Weights, q.Weights) && maps.Equal(p.Because, q.Because) && oneList(p.Custom, q.Custom) &&
		slices.Equal(p.Production, q.Production) && slices.Equal(p.ApprovedServers, q.ApprovedServers) && oneList(p.Places, q.Places) &&
		slices.Equal(p.ModelHosts, q.ModelHosts) && p.MaxSecretAge == q.MaxSecretAge && p.MaxSecretTTL == q.MaxSecretTTL && p.Idle == q.Idle &&
		p.Fresh == q.Fresh && p.ShortLived == q.ShortLived && p.KeepTrail == q.KeepTrail && p.MaxOwned == q.MaxOwned && p.MaxUse == q.MaxUse &&
		p.Fleet == q.Fleet && p.ActNowWithin == q.ActNowWithin && p.AttendWithin == q.AttendWithin && p.TrackWithin == q.TrackWithin &&
		p.Catalogue == q.Catalogue
}

func oneList[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// modelHost reports whether a host may get prompts.
func (p *Policy) modelHost(host string) bool {
	return slices.ContainsFunc(p.ModelHosts, func(pattern string) bool {
		ok, err := path.Match(strings.ToLower(pattern), host)
		return ok && err == nil
	})
}

// on reports whether none of the rules is switched off.
func (p *Policy) on(rules ...string) bool {
	return !slices.ContainsFunc(rules, func(r string) bool { _, off := p.Off[r]; return off })
}

func (p *Policy) known() *catalogue.Catalogue {
	if p.Catalogue != nil {
		return p.Catalogue
	}
	return catalogue.Embedded()
}

// production returns the first word of a name that means production, or "". "non-prod" and "pre-prod" are not production.
func (p *Policy) production(names ...string) string { return productionWord(p.Production, names...) }

func productionWord(production []string, names ...string) string {
	for _, name := range names {
		before := ""
		for w, rest := nextWord(small(name)); w != ""; w, rest = nextWord(rest) {
			if slices.Contains(production, w) && before != "non" && before != "pre" && before != "not" {
				return w
			}
			before = w
		}
	}
	return ""
}

// small is a name in small letters, which most are in already.
func small(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf || name[i] >= 'A' && name[i] <= 'Z' {
			return strings.ToLower(name)
		}
	}
	return name
}

// nextWord cuts the first word off a name in small letters: what stands between characters that are neither letters nor
// digits. It is "" where there is none.
func nextWord(name string) (word, rest string) {
	part := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	from := 0
	for from < len(name) && !part(name[from]) {
		from++
	}
	to := from
	for to < len(name) && part(name[to]) {
		to++
	}
	return name[from:to], name[to:]
}
