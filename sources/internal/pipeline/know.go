package pipeline

import (
	"regexp"
	"sort"
	"strings"
	"sync"

	"nhitop/inventory/catalogue"
)

// knowledge is what the catalogue says of assistants in pipelines, compiled.
type knowledge struct {
	all     []*known
	byID    map[string]*known
	actions []actionRule // longest first
	images  []actionRule
	envs    map[string]bool // environment variables that carry an assistant's credentials
}

type known struct {
	entry    *catalogue.Assistant
	commands []*regexp.Regexp
	flags    []flagRule
	packages map[string]bool
}

type flagRule struct {
	re   *regexp.Regexp
	flag *catalogue.CIFlag
}

type actionRule struct {
	prefix string // lower case
	known  *known
}

var knowledges sync.Map // *catalogue.Catalogue -> *knowledge

// knowledgeOf compiles a catalogue, once. An expression that does not compile is left out: the loader has reported it.
func knowledgeOf(cat *catalogue.Catalogue) *knowledge {
	if k, ok := knowledges.Load(cat); ok {
		return k.(*knowledge)
	}
	k := &knowledge{byID: map[string]*known{}, envs: map[string]bool{}}
	for i := range cat.Assistants {
		k.add(&cat.Assistants[i])
	}
	for _, rules := range [][]actionRule{k.actions, k.images} {
		sort.SliceStable(rules, func(i, j int) bool { return len(rules[i].prefix) > len(rules[j].prefix) })
	}
	got, _ := knowledges.LoadOrStore(cat, k)
	return got.(*knowledge)
}

func (k *knowledge) add(a *catalogue.Assistant) {
	x := &known{entry: a, packages: map[string]bool{}}
	k.all = append(k.all, x)
	k.byID[a.ID] = x
	for _, c := range a.CI.Commands {
		if re, err := regexp.Compile(c); err == nil {
			x.commands = append(x.commands, re)
		}
	}
	for i := range a.CI.Flags {
		if re, err := regexp.Compile(a.CI.Flags[i].Match); err == nil {
			x.flags = append(x.flags, flagRule{re, &a.CI.Flags[i]})
		}
	}
	for _, p := range a.CI.Packages {
		x.packages[strings.ToLower(p)] = true
	}
	for _, p := range a.CI.Actions {
		k.actions = append(k.actions, actionRule{strings.ToLower(p), x})
	}
	for _, p := range a.CI.Images {
		k.images = append(k.images, actionRule{strings.ToLower(p), x})
	}
	for _, e := range a.EnvSecrets {
		k.envs[e] = true
	}
}

// action finds the assistant that an action is: its name, or a path inside it.
func (k *knowledge) action(uses string) *known {
	name, _, _ := strings.Cut(strings.ToLower(uses), "@")
	if oneOfActions(name, helpers) {
		return nil
	}
	if image, ok := strings.CutPrefix(name, "docker://"); ok {
		return k.image(image)
	}
	for _, r := range k.actions {
		if name == r.prefix || strings.HasPrefix(name, r.prefix+"/") {
			return r.known
		}
	}
	return nil
}

// image finds the assistant that a container image is.
func (k *knowledge) image(ref string) *known {
	ref = strings.ToLower(ref)
	for _, r := range k.images {
		if ref == r.prefix || strings.HasPrefix(ref, r.prefix+":") || strings.HasPrefix(ref, r.prefix+"@") {
			return r.known
		}
	}
	return nil
}

// command finds the assistants that a command line runs.
func (k *knowledge) command(c command) []*known {
	var out []*known
	if installs.MatchString(c.text) || c.words[0] == "echo" || c.words[0] == "printf" {
		return nil
	}
	name, _, _, runs := runner(c.words)
	for _, x := range k.all {
		if runs && x.packages[strings.ToLower(name)] || x.matches(c.text) {
			out = append(out, x)
		}
	}
	return out
}

func (x *known) matches(line string) bool {
	for _, re := range x.commands {
		if re.MatchString(line) {
			return true
		}
	}
	return false
}

// installs are command lines that fetch a package and do not run it.
var installs = regexp.MustCompile(`^\s*(?:sudo\s+(?:-\S+\s+)*)?(?:npm\s+(?:i|install|add|ci)|pnpm\s+(?:add|install|i)|yarn\s+(?:global\s+)?add|bun\s+(?:add|install|i)|` +
	`(?:python3?\s+-m\s+)?pip[0-9.]*\s+install|pipx\s+install|uv\s+(?:tool\s+install|pip\s+install|add)|brew\s+install|cargo\s+install|go\s+install|apt-get|apt|gh\s+extension\s+install)\s`)

// runner reads npx, bunx, uvx and their like: the package they run, and its version.
func runner(words []string) (name, version string, pinned, ok bool) {
	for i, w := range words {
		if isOperator(w) || !runners[w] {
			continue
		}
		n, v, answer, _ := catalogue.Package(w, argsOf(words[i+1:]))
		if n != "" {
			return n, v, answer == "yes", true
		}
	}
	return "", "", false, false
}

var runners = map[string]bool{"npx": true, "bunx": true, "pnpm": true, "yarn": true, "bun": true, "uvx": true, "uv": true, "pipx": true, "npm": true}

// argsOf cuts words at the end of the command.
func argsOf(words []string) []string {
	for i, w := range words {
		if isOperator(w) {
			return words[:i]
		}
	}
	return words
}

// installed lists the packages that a command line installs, with their versions, as written.
func installed(c command) []string {
	if !installs.MatchString(c.text) {
		return nil
	}
	var out []string
	for _, w := range c.words {
		if isOperator(w) {
			break
		}
		if !strings.HasPrefix(w, "-") {
			out = append(out, w)
		}
	}
	return out
}

// packageOf splits name@version and name==version.
func packageOf(spec string) (name, version string) {
	if i := strings.Index(spec, "=="); i > 0 {
		return spec[:i], spec[i+2:]
	}
	if i := strings.LastIndexByte(spec, '@'); i > 0 {
		return spec[:i], spec[i+1:]
	}
	return spec, ""
}

var exactVersion = regexp.MustCompile(`^v?\d+\.\d+\.\d+([-+.][0-9A-Za-z.+-]+)?$`)
