package githubsim

import (
	"encoding/json"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// circular reports whether a fragment holds itself: the work on it would not end.
func circular(doc *ast.QueryDocument) bool {
	done := map[string]bool{}
	var holds func(name string, set ast.SelectionSet, depth int) bool
	holds = func(name string, set ast.SelectionSet, depth int) bool {
		for _, s := range set {
			var inner ast.SelectionSet
			switch x := s.(type) {
			case *ast.Field:
				inner = x.SelectionSet
			case *ast.InlineFragment:
				inner = x.SelectionSet
			case *ast.FragmentSpread:
				def := doc.Fragments.ForName(x.Name)
				if x.Name == name || depth > len(doc.Fragments) {
					return true
				}
				if def == nil || done[x.Name] {
					continue
				}
				if holds(name, def.SelectionSet, depth+1) {
					return true
				}
				continue
			}
			if holds(name, inner, depth) {
				return true
			}
		}
		return false
	}
	for _, f := range doc.Fragments {
		if holds(f.Name, f.SelectionSet, 0) {
			return true
		}
		done[f.Name] = true // nothing that spreads it comes back to it
	}
	return false
}

const mostNodes = 500_000

// weigh counts what a query may ask for at most, refuses it above GitHub's limit, and charges it: one point for every
// hundred pages that its connections come to.
func (g *graph) weigh(set ast.SelectionSet) *answer {
	if err := g.count(set, 1); err != nil {
		a := ok(obj{"errors": []any{obj{"type": err.kind, "message": err.message}}})
		return &a
	}
	if g.nodes > mostNodes {
		a := ok(obj{"errors": []any{obj{"type": "MAX_NODE_LIMIT_EXCEEDED",
			"message": fmt.Sprintf("This query requests up to %d possible nodes which exceeds the maximum limit of %d.", g.nodes, mostNodes)}}})
		return &a
	}
	g.costs = max((g.costs+50)/100, 1)
	g.window().used += g.costs - 1
	return nil
}

func (g *graph) count(set ast.SelectionSet, times int) *gerr {
	for _, f := range g.fields(set, "") {
		inner := times
		if connections[f.Name] {
			n, err := g.size(f)
			if err != nil {
				return err
			}
			g.costs += times
			inner = times * n
			g.nodes += inner
		}
		if err := g.count(f.SelectionSet, inner); err != nil {
			return err
		}
	}
	return nil
}

// size is how many nodes a connection is asked for.
func (g *graph) size(f *ast.Field) (int, *gerr) {
	args := g.args(f)
	for _, name := range []string{"first", "last"} {
		n, given := whole(args[name])
		switch {
		case !given:
			continue
		case n > mostOnPage || n < 0:
			return 0, &gerr{kind: "EXCESSIVE_PAGINATION", message: fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `%s` limit of 100 records.", n, f.Name, name)}
		}
		return n, nil
	}
	return 0, &gerr{kind: "MISSING_PAGINATION_BOUNDARIES", message: "You must provide a `first` or `last` value to properly paginate the `" + f.Name + "` connection."}
}

// whole is a number of a query or of JSON variables.
func whole(v any) (int, bool) {
	switch n := v.(type) {
	case int64:
		return int(n), true
	case int:
		return n, true
	case float64:
		return int(n), true
	case json.Number:
		i, err := n.Int64()
		return int(i), err == nil
	}
	return 0, false
}
