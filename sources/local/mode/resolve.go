package mode

import (
	"cmp"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/allowrule"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

// resolver says what the rows of one product cannot. Each part may be nil.
type resolver struct {
	before func(*state)                                    // which layers and settings do not count
	after  func(*state)                                    // what the rest comes to
	server func(*state, serverAt, ServerState) ServerState // on top of what the server's entry says
	shadow bool                                            // of servers with one name only that of the highest layer starts
}

// item is one setting with what is needed to judge it.
type item struct {
	inventory.Setting
	layer int
	rank  int
	row   *catalogue.Setting // nil where a resolver added it
	node  *doc.Node
	norm  string // normal form of the value, "" if unknown
	rule  bool   // one rule of a list: it adds to the others
	text  string // the rule as the product spells it, not shortened

	parsed   allowrule.Rule
	parsedOf [2]string // name and text that parsed was made of
}

// state is one resolution under way.
type state struct {
	in      Input
	by      resolver
	res     Result
	items   []*item
	ignored []string // for each layer why nothing in it counts; "" if it does
	trusted trustState
	answers map[answerOf]inventory.Answer // what a resolver knows about one class of action
	names   []serverName
	table   []*word // opencode and Kilo: the merged table of permissions
	firsts  []*item // Amp: its rules in the order in which they are asked
	barred  bool    // an administrator forbids to go further than asking, whatever the environment says
}

// answerOf is a class of action that products ask for separately.
type answerOf string

const (
	doShell answerOf = "shell"
	doEdit  answerOf = "edit"
	doFetch answerOf = "fetch"
	doRead  answerOf = "read"
)

// Resolve says what the settings of one assistant come to. It is a function of its input alone and may be called from
// several goroutines; the Server function of the result too.
func Resolve(in Input) Result {
	s := &state{in: in, ignored: make([]string, len(in.Layers)), answers: map[answerOf]inventory.Answer{}}
	if in.Entry == nil {
		s.in.Entry = &catalogue.Assistant{}
	}
	s.by = resolvers[s.in.Entry.Resolver]
	s.gather()
	if s.by.before != nil {
		s.by.before(s)
	}
	s.dropIgnored()
	s.override()
	s.normal()
	if s.by.after != nil {
		s.by.after(s)
	}
	s.environment()
	s.raise()
	s.supposed()
	s.headless()
	s.defaults()
	s.capabilities()
	s.indexServers()
	s.res.Server = s.decideServer
	s.res.Settings = s.settings()
	return s.res
}

// rank is the precedence of a layer.
func (s *state) rank(layer int) int {
	l := s.in.Layers[layer]
	if l.File == nil {
		return (&catalogue.File{Scope: l.Scope}).Precedence()
	}
	return l.File.Precedence()
}

// higher orders layers from the strongest to the weakest, independent of the order in which they came.
func (s *state) higher(a, b int) int {
	return cmp.Or(cmp.Compare(s.rank(b), s.rank(a)), cmp.Compare(s.in.Layers[b].Path, s.in.Layers[a].Path), cmp.Compare(b, a))
}

// order returns the layers that count, strongest first.
func (s *state) order() []int {
	var is []int
	for i := range s.in.Layers {
		if s.ignored[i] == "" && s.in.Layers[i].Doc != nil {
			is = append(is, i)
		}
	}
	slices.SortFunc(is, s.higher)
	return is
}

// found is a value and the layer that it stands in.
type found struct {
	layer int
	node  *doc.Node
}

// at returns the strongest value at a pointer among the layers whose scope is one of scopes; of any scope when none is
// given. The node is nil when there is none.
func (s *state) at(pointer string, scopes ...string) found {
	for _, f := range s.all(pointer, scopes...) {
		return f
	}
	return found{}
}

// all returns the values at a pointer, strongest layer first.
func (s *state) all(pointer string, scopes ...string) []found {
	var fs []found
	for _, i := range s.order() {
		l := s.in.Layers[i]
		if len(scopes) > 0 && !slices.Contains(scopes, l.Scope) {
			continue
		}
		if n := l.Doc.At(pointer); n != nil {
			fs = append(fs, found{i, n})
		}
	}
	return fs
}

// is reports whether the value is this text (true, false, a word).
func (f found) is(text string) bool {
	return f.node != nil && len(f.node.Children) == 0 && f.node.Text == text
}

func (f found) text() string {
	if f.node == nil {
		return ""
	}
	return f.node.Text
}

// path is where the value stands, as shown.
func (s *state) path(f found) string { return s.in.Layers[f.layer].Path }

func (s *state) set(a inventory.Autonomy, reason string) {
	s.res.Autonomy, s.res.AutonomyReason = a, reason
}

func (s *state) confine(b inventory.Sandbox, reason string) {
	s.res.Sandbox, s.res.SandboxReason = b, reason
}

// grade orders autonomy; unknown is below all.
func grade(a inventory.Autonomy) int {
	return slices.Index([]inventory.Autonomy{inventory.AutonomySuggest, inventory.AutonomyAsk, inventory.AutonomyAutoEdit,
		inventory.AutonomyAuto, inventory.AutonomyUnattended}, a)
}

// settings returns what is shown, strongest layer first, then in file order.
func (s *state) settings() []inventory.Setting {
	slices.SortStableFunc(s.items, func(a, b *item) int {
		if a.layer < 0 || b.layer < 0 {
			return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Or(s.higher(a.layer, b.layer), cmp.Compare(a.Line, b.Line), cmp.Compare(a.node.Start, b.node.Start),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	out := make([]inventory.Setting, 0, len(s.items))
	for _, it := range s.items {
		out = append(out, it.Setting)
	}
	return out
}
