package mode

import (
	"slices"
	"strings"

	"nhitop/sources/internal/doc"
)

// The table of permissions of opencode and Kilo, as "debug agent" of 1.18.33 and 7.7.7 prints it. The files are merged from
// the weakest to the strongest: a key keeps the place where it stood first and takes the last value; patterns of a tool are
// merged in the same way, a word replaces them and they a word. The older "tools" stands in front. What the chosen agent has
// comes behind. Then the last entry that fits decides: "*" behind "bash" goes before "bash".

// word is one entry of the table.
type word struct {
	tool, pattern, action string
	node                  *doc.Node // nil: from the environment
	reason                string
}

// wordsOf are the entries of one tool.
type wordsOf struct {
	tool   string
	single bool // one word, not patterns
	words  []*word
}

// table is an ordered, merged object.
type table []*wordsOf

const maxWords = 2000 // of a table

func (t *table) of(tool string) *wordsOf {
	for _, w := range *t {
		if w.tool == tool {
			return w
		}
	}
	if len(*t) >= maxWords {
		return &wordsOf{}
	}
	w := &wordsOf{tool: tool}
	*t = append(*t, w)
	return w
}

func (t *table) single(w *word) {
	of := t.of(w.tool)
	of.single, of.words = true, []*word{w}
}

// permission merges a value of "permission" into the table. from says where it stands, name how it is called there.
func (t *table) permission(from, name string, n *doc.Node, env bool) {
	entry := func(tool, pattern, spelled string, v *doc.Node) *word {
		w := &word{tool: tool, pattern: pattern, action: v.Text, node: v, reason: from + spelled + " to " + clean(v.Text)}
		if env {
			w.node = nil
		}
		return w
	}
	if n.Kind == doc.String {
		if isAction(n) {
			t.single(entry("*", "*", name, n))
		}
		return
	}
	for _, c := range n.Children {
		spelled := name + "." + clean(c.Key)
		if isAction(c) {
			t.single(entry(c.Key, "*", spelled, c))
			continue
		}
		if c.Kind != doc.Object {
			continue
		}
		of := t.of(c.Key)
		if of.single {
			of.single, of.words = false, nil
		}
		for _, p := range c.Children {
			if isAction(p) {
				of.pattern(entry(c.Key, p.Key, spelled, p))
			}
		}
	}
}

func (of *wordsOf) pattern(w *word) {
	i := slices.IndexFunc(of.words, func(have *word) bool { return have.pattern == w.pattern })
	switch {
	case i >= 0:
		of.words[i] = w
	case len(of.words) < maxWords:
		of.words = append(of.words, w)
	}
}

// tools merges the older switches for tools.
func (t *table) tools(from, name string, n *doc.Node) {
	for _, c := range n.Children {
		on, ok := c.Bool()
		if !ok {
			continue
		}
		w := &word{tool: c.Key, pattern: "*", action: "deny", node: c, reason: from + name + "." + clean(c.Key) + " to false"}
		if on {
			w.action, w.reason = "allow", from+name+"."+clean(c.Key)+" to true"
		}
		if slices.Contains([]string{"write", "patch", "multiedit"}, c.Key) {
			w.tool = "edit"
		}
		t.single(w)
	}
}

func isAction(n *doc.Node) bool {
	return n.Kind == doc.String && (n.Text == "allow" || n.Text == "ask" || n.Text == "deny")
}

// opencodeTable makes the table of the agent that a session starts with. The variable of that name goes before the files.
func (s *state) opencodeTable(agent, variable string) []*word {
	var all, own table
	for _, f := range s.weakestFirst("/tools") {
		all.tools(s.path(f)+" sets ", "tools", f.node)
	}
	for _, f := range s.weakestFirst("/permission") {
		all.permission(s.path(f)+" sets ", "permission", f.node, false)
	}
	if text := s.in.Env[variable]; text != "" {
		if d, err := doc.Parse(doc.JSON, []byte(text)); err == nil {
			all.permission("the environment sets "+variable+", ", "permission", d.Root, true)
		}
	}
	if f := s.at("/default_agent"); f.text() != "" {
		agent = f.text()
	}
	for _, box := range []string{"mode", "agent"} {
		at := "/" + box + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(agent)
		name := box + "." + clean(agent)
		for _, f := range s.weakestFirst(at + "/tools") {
			own.tools(s.path(f)+" sets ", name+".tools", f.node)
		}
		for _, f := range s.weakestFirst(at + "/permission") {
			own.permission(s.path(f)+" sets ", name+".permission", f.node, false)
		}
	}
	var words []*word
	for _, of := range append(all, own...) {
		words = append(words, of.words...)
	}
	return words
}

func (s *state) weakestFirst(pointer string) []found {
	fs := s.all(pointer)
	slices.Reverse(fs)
	return fs
}

// lastWord is the entry that decides about a tool as a whole; nil where the product's own rules do.
func lastWord(words []*word, tool string) *word {
	for _, w := range slices.Backward(words) {
		if w.pattern == "*" && wildName(w.tool, tool) {
			return w
		}
	}
	return nil
}

// dropDead marks entries that the merge replaced, or behind which another decides the same.
func (s *state) dropDead() {
	for _, it := range s.items {
		if !it.Effective || it.layer < 0 || it.node == nil || !isAction(it.node) || it.Name != "permission" && !strings.HasPrefix(it.Name, "permission.") {
			continue
		}
		i := slices.IndexFunc(s.table, func(w *word) bool { return w.node == it.node })
		if i < 0 {
			it.off("replaced by what a stronger place says")
			continue
		}
		if by := lastWord(s.table[i+1:], s.table[i].tool); by != nil {
			it.off("a later entry decides: " + by.reason)
		}
	}
}

// toolPrefix is what the names of a server's tools start with.
func toolPrefix(server string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, server) + "_"
}

// wildName compares a tool's name with a pattern in which "*" stands for any run of characters.
func wildName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}
