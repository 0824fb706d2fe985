package change

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
)

const mostTold = 6 // parts of one line

func list(parts []string) string {
	if more := len(parts) - mostTold; more > 0 {
		parts = append(slices.Clone(parts[:mostTold]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// differ returns what only the second and what only the first has, each once and sorted.
func differ[T ~string](old, now []T) (more, less []T) {
	only := func(xs, not []T) []T {
		in := make(map[T]bool, len(not))
		for _, x := range not {
			in[x] = true
		}
		var out []T
		for _, x := range xs {
			if !in[x] {
				in[x] = true
				out = append(out, x)
			}
		}
		slices.Sort(out)
		return out
	}
	return only(now, old), only(old, now)
}

// lasts reports whether an assistant is there at both ends.
func (c *comparer) lasts(id inventory.ID) bool {
	was, is := c.before.assistants[id] != nil, c.after.assistants[id] != nil
	if was != is {
		return false
	}
	return was || c.Look == nil || c.Look.Assistant(id) != nil
}

// name returns what people call a record: as it is, as it was, or as it stands where it did not change.
func (c *comparer) name(id inventory.ID) string {
	for _, s := range []side{c.after, c.before} {
		switch {
		case s.assistants[id] != nil:
			return assistantName(s.assistants[id])
		case s.secrets[id] != nil:
			return secretName(s.secrets[id])
		case s.tools[id] != nil:
			return s.tools[id].Name
		case s.owners[id] != nil:
			return s.owners[id].Name
		case s.resources[id] != nil:
			return s.resources[id].Name
		}
	}
	if c.Look == nil {
		return string(id)
	}
	if a := c.Look.Assistant(id); a != nil {
		return assistantName(a)
	}
	if x := c.Look.Secret(id); x != nil {
		return secretName(x)
	}
	if t := c.Look.Tool(id); t != nil {
		return t.Name
	}
	if o := c.Look.Owner(id); o != nil {
		return o.Name
	}
	if r := c.Look.Resource(id); r != nil {
		return r.Name
	}
	return string(id)
}

func assistantName(a *inventory.Assistant) string {
	switch {
	case a.Scope == "ci" && a.Job != nil:
		return a.Name + " in CI job " + a.Job.Name
	case a.Path != "":
		return a.Name + " on " + a.Path
	}
	return a.Name
}

func secretName(x *inventory.Secret) string {
	if x.Hint == "" {
		return x.Kind
	}
	return x.Kind + " …" + x.Hint
}
